"""What is told of a point: everything that was to be measured, and where it was."""

import math
import re
import warnings
from typing import Any

import pytest

from agents.past import refused_points
from orchestrator import AskTell
from orchestrator.asktell.history import history_of
from orchestrator.domain.errors import AgentError, BadInput

SQUARE = {"x": {"limits": [-1.0, 1.0]}, "y": {"limits": [-1.0, 1.0]}}
MIDDLE = {"x": 0.0, "y": 0.0}


def hill(point: Any) -> float:
    return 1.0 - (point["x"] - 0.3) ** 2 - (point["y"] + 0.2) ** 2


def beside(point: Any, by: float = 1e-4) -> dict[str, float]:
    return {name: value + by for name, value in point.items()}


@pytest.mark.parametrize(("values", "missing"), [({"f": 1.0}, "g"), ({"g": 1.0}, "f"), ({}, "f, g")])
def test_an_objective_left_out_is_refused_by_name_with_the_way_out(values: dict[str, float], missing: str) -> None:
    loop = AskTell(SQUARE, {"f": "maximise", "g": "minimise"}, "random")
    with pytest.raises(BadInput, match=f"the values leave out {missing}; tell all of f, g, with .*None"):
        loop.tell(MIDDLE, values)
    assert loop.state.trials == ()


def test_a_limited_signal_left_out_is_refused_and_none_says_that_it_was_not_measured() -> None:
    loop = AskTell(SQUARE, {"height": "maximise"}, "random", limits={"loss": {"at_most": 0.1}})
    with pytest.raises(
        BadInput, match=r"the values leave out loss; tell all of height, loss, with {'loss': None} for what was not measured"
    ):
        loop.tell(MIDDLE, {"height": 1.0})
    loop.tell(MIDDLE, {"height": 1.0, "loss": None})
    assert loop.state.trials[-1].values == {"height": 1.0}


def test_where_nothing_has_all_objectives_a_prediction_says_so_and_warns_of_nothing() -> None:
    loop = AskTell(SQUARE, {"f": "maximise", "g": "minimise"})
    loop.tell(MIDDLE, {"f": 1.0, "g": None})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loop.ask()
        with pytest.raises(AgentError, match="no measurement of all of f, g was told yet, and the model learns from those"):
            loop.predict([MIDDLE], "g")


def test_a_prediction_before_there_is_a_model_says_what_comes_first() -> None:
    loop = AskTell(SQUARE, {"height": "maximise"})
    loop.tell(MIDDLE, {"height": 1.0})
    with pytest.raises(AgentError, match=r"there is no model yet \(the next point would be: initial design, 2 of 5: .*\); tell more"):
        loop.predict([MIDDLE])


def test_the_best_and_the_believed_best_are_of_the_objective_asked_for() -> None:
    loop = AskTell(SQUARE, {"height": "maximise", "cost": "minimise"})
    for number in range(8):
        x = number / 4 - 1.0
        loop.tell({"x": x, "y": 0.0}, {"height": -((x - 0.25) ** 2), "cost": (x + 0.5) ** 2})
    for found in (loop.best, loop.believed_best):
        highest, cheapest = found(), found("cost")
        assert highest is not None
        assert cheapest is not None
        assert (highest.point["x"], cheapest.point["x"]) == (0.25, -0.5)
        assert found("height") == highest


def test_a_readback_told_in_place_of_the_asked_point_answers_it() -> None:
    loop = AskTell(SQUARE, {"height": "maximise"}, seed=3)
    for _ in range(12):
        [asked] = loop.ask()
        loop.tell(beside(asked), {"height": hill(asked)})
        assert loop.pending == []
        trial = loop.state.trials[-1]
        assert (trial.by, trial.point, trial.readback) == ("agent", asked, beside(asked))
        assert loop.why(asked) == loop.why(beside(asked)) != "told, not asked for"
    again = AskTell.from_json(loop.to_json())
    assert again.state.trials[-1].readback == loop.state.trials[-1].readback
    assert again.ask() == loop.ask()


def test_a_readback_may_be_told_beside_the_point_and_the_model_learns_there() -> None:
    def after(readback: float) -> float:
        loop = AskTell({"x": {"limits": [0.0, 1.0]}}, seed=1)
        for x in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
            loop.tell({"x": x}, {"y": 0.0})
        loop.tell({"x": 0.5}, {"y": 5.0}, at={"x": readback})
        best = loop.best()
        assert best is not None
        assert best.point == {"x": 0.5}
        return float(loop.predict([{"x": 0.7}])[0][0] - loop.predict([{"x": 0.5}])[0][0])

    assert after(0.7) > 2.0
    assert after(0.5) < -2.0


def test_what_is_near_no_pending_point_is_a_point_of_ones_own() -> None:
    loop = AskTell(SQUARE, {"height": "maximise"}, "sobol")
    [asked] = loop.ask()
    mine = {**asked, "x": float(asked["x"]) * 0.9}
    loop.tell(mine, {"height": 1.0})
    assert loop.pending == [asked]
    assert (loop.state.trials[-1].by, loop.state.trials[-1].readback) == ("human", None)


def test_the_nearest_of_several_pending_points_is_answered() -> None:
    loop = AskTell({"x": {"limits": [0.0, 1.0], "tolerance": 0.5}}, agent="sobol")
    asked = loop.ask(4)
    for point in asked[::-1]:
        loop.tell(beside(point), {"y": 1.0})
    assert [trial.readback for trial in loop.state.trials] == [beside(point) for point in asked]


@pytest.mark.parametrize(
    ("parameter", "asked", "read", "is_answer"),
    [
        ({"limits": [0.0, 10.0]}, 5.0, 5.09, True),
        ({"limits": [0.0, 10.0]}, 5.0, 5.11, False),
        ({"limits": [0.0, 10.0]}, 10.0, 10.05, True),
        ({"limits": [0.0, 10.0], "tolerance": 0.01}, 5.0, 5.05, False),
        ({"limits": [1e-6, 1.0], "scale": "log"}, 1e-6, 1.1e-6, True),
        ({"limits": [1e-6, 1.0], "scale": "log"}, 1e-6, 2e-6, False),
        ({"limits": [1e-6, 1.0], "scale": "log"}, 1.0, 1.1, True),
        ({"type": "integer", "limits": [0, 500]}, 7, 8, False),
        ({"values": [0.0, 5.0, 10.0], "tolerance": 0.1}, 5.0, 5.02, True),
        ({"values": ["Al", "Cu"]}, "Al", "Cu", False),
    ],
)
def test_how_near_is_near_enough_is_the_tolerance_or_a_hundredth_of_the_range(
    parameter: dict[str, Any], asked: Any, read: Any, is_answer: bool
) -> None:
    loop = AskTell({"x": parameter}, agent="random", candidates=[{"x": asked}])
    loop.ask()
    if is_answer:
        loop.tell({"x": read}, {"y": 1.0})
        assert AskTell.from_json(loop.to_json()).state.trials[0].readback == {"x": read}
    else:
        with pytest.raises(BadInput, match="is not one of"):
            loop.tell({"x": read}, {"y": 1.0})


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ({"x": 50.0, "y": 0.0}, r"at: x = 50 is well outside \[-1, 1\]; give the readback in the unit of the space"),
        ({"x": math.nan, "y": 0.0}, "at: x = nan is no finite number"),
        ({"x": 0.0}, "at: the readback is of x; the space has x, y"),
        (0.5, "at = 0.5 is no readback; name every parameter"),
    ],
)
def test_a_readback_that_cannot_be_is_refused(at: Any, said: str) -> None:
    loop = AskTell(SQUARE, {"height": "maximise"}, "random")
    [point] = loop.ask()
    with pytest.raises(BadInput, match=said):
        loop.tell(point, {"height": 1.0}, at=at)
    assert loop.pending == [point]


def test_a_forgotten_point_is_as_if_nobody_had_asked_for_it_and_others_keep_their_numbers() -> None:
    loop = AskTell({"x": {"values": [0.0, 1.0, 2.0]}}, agent="grid")
    one, two, three = loop.ask(3)
    loop.tell(three, {"y": 1.0})
    loop.forget(two)
    again = AskTell.from_json(loop.to_json())
    assert again.pending == [one]
    assert [trial.point for trial in again.state.trials] == [one, two, three]
    assert again.ask() == [two]
    assert repr(again).endswith("1 told, 2 pending>")


def test_a_forgotten_point_is_neither_awaited_nor_avoided() -> None:
    loop = AskTell(SQUARE, {"height": "maximise"})
    forgotten, failed = loop.ask(2)
    loop.forget(forgotten)
    loop.tell(failed, {"height": None})
    history = history_of(loop.state, loop.space, ())
    assert refused_points(history) == [failed]
    assert list(history.pending()) == []


def test_exposures_are_weighed_by_what_they_say_where_readbacks_are_told_and_times_are_not() -> None:
    space = {"x": {"limits": [0.0, 10.0]}, "t": {"limits": [0.1, 10.0], "unit": "s"}}
    loop = AskTell(space, agent={"type": "bayesian", "cost": "time", "exposure": "t"})
    point: Any = {}
    for _ in range(9):
        [point] = loop.ask()
        loop.tell(point, {"y": -((point["x"] - 3.0) ** 2)}, at={**point, "x": point["x"] + 1e-3})
    assert f"takes about {point['t']:.2g} s" in loop.why(point)


def test_a_pool_measured_whole_is_predicted_and_believed_all_the_same() -> None:
    loop = AskTell({"x": {"limits": [0.0, 10.0]}}, candidates=[{"x": float(x)} for x in range(8)])
    for _ in range(8):
        [point] = loop.ask()
        loop.tell(point, {"y": -((float(point["x"]) - 3.0) ** 2)})
    believed = loop.believed_best()
    assert believed is not None
    assert believed.point == {"x": 3.0}


def test_between_several_objectives_it_says_what_spoke_for_a_point_and_the_evidence_has_the_rest() -> None:
    loop = AskTell(SQUARE, {"height": "maximise", "cost": "minimise"}, {"type": "bayesian", "n_initial": 4})
    for _ in range(4):
        [point] = loop.ask()
        loop.tell(point, {"height": hill(point), "cost": float(point["x"])})
    [point] = loop.ask()
    evidence = loop.evidence(point)
    assert evidence == loop.state.trials[-1].evidence
    assert evidence.predicted.keys() == {"height", "cost"}
    assert loop.why(point).startswith(evidence.reason)
    assert re.search(r"; chosen by noisy expected hypervolume improvement: the next best point has \d+ % of this point's$", loop.why(point))
    loop.tell(MIDDLE, {"height": 1.0, "cost": 0.0})
    assert loop.evidence(MIDDLE).predicted == {}
