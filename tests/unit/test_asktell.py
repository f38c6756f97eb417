"""An agent in a loop of one's own: asked, told, stopped, and gone on with in another process."""

import math
from typing import Any

import numpy as np
import pytest

from orchestrator import AskTell
from orchestrator.domain.errors import AgentError, BadInput
from orchestrator.domain.space import Continuous, Space
from orchestrator.plugins import load
from orchestrator.testing.histories import empty_history, played
from orchestrator.testing.light_import import check_imports_are_light

SQUARE = {"x": {"limits": [-1.0, 1.0]}, "y": {"limits": [-1.0, 1.0]}}
TOGETHER = {"weights": {"x": 1.0, "y": 1.0}, "upper": -1.0}
APART = {"weights": {"x": 1.0, "y": 1.0}, "lower": 1.0}
POOL = [{"x": float(x)} for x in range(5)]


def hill(point: Any) -> float:
    return 1.0 - (point["x"] - 0.3) ** 2 - (point["y"] + 0.2) ** 2


def told(loop: AskTell, n: int) -> AskTell:
    for _ in range(n):
        [point] = loop.ask()
        loop.tell(point, {"height": hill(point)})
    return loop


def test_it_finds_the_top_says_what_it_expects_and_why() -> None:
    loop = told(AskTell(SQUARE, {"height": "maximise"}, seed=3), 22)
    best = loop.best()
    assert best is not None
    assert best.value > 0.995
    mean, sd = loop.predict([{"x": 0.3, "y": -0.2}, {"x": -1.0, "y": 1.0}])
    assert mean.shape == sd.shape == (2,)
    assert mean[0] == pytest.approx(1.0, abs=0.02)
    assert mean[1] < mean[0]
    assert loop.why(best.point)
    assert loop.pending == []


def test_it_asks_for_what_the_agent_of_a_campaign_would_ask_for() -> None:
    loop = AskTell({"x": {"limits": [0.0, 1.0]}}, {"yield": "maximise"}, seed=5)
    for _ in range(8):
        [point] = loop.ask()
        loop.tell(point, {"yield": math.sin(3.0 * float(point["x"]))})
    cls = load("agent", "bayesian")
    space = Space(parameters={"x": Continuous(limits=(0.0, 1.0))})
    history = played(cls(cls.Settings()), empty_history(space, seed=5), lambda point: math.sin(3.0 * float(point["x"])), 8)
    assert [trial.point for trial in loop.state.trials] == [trial.point for trial in history.trials]


@pytest.mark.parametrize("agent", ["bayesian", "sobol", {"type": "grid", "levels": 4}], ids=str)
def test_it_goes_on_elsewhere_as_if_nothing_had_been(agent: Any) -> None:
    loop = told(AskTell(SQUARE, {"height": "maximise"}, agent, seed=1), 7)
    waiting = loop.ask(2)
    again = AskTell.from_json(loop.to_json())
    assert again.pending == waiting
    assert again.ask() == loop.ask()
    assert '"seconds"' not in loop.to_json()


def test_a_batch_is_pending_until_it_is_told_in_any_order() -> None:
    loop = AskTell(SQUARE, {"height": "minimise"}, "sobol")
    one, two, three = loop.ask(3)
    assert len({tuple(point.values()) for point in (one, two, three)}) == 3
    loop.tell(three, {"height": 3.0}, sd=0.5)
    loop.tell(one, {"height": 1.0})
    assert loop.pending == [two]
    best = loop.best()
    assert best is not None
    assert (best.point, best.value, best.sd) == (one, 1.0, None)


def test_a_point_of_ones_own_and_a_second_measurement_count_too() -> None:
    loop = AskTell(SQUARE, {"height": "maximise"}, "random")
    mine = {"x": 0.1, "y": 0.1}
    loop.tell(mine, {"height": 1.0}, sd={"height": 0.1})
    loop.tell(mine, {"height": 1.5})
    assert [(trial.by, trial.values, trial.sd) for trial in loop.state.trials] == [
        ("human", {"height": 1.0}, {"height": 0.1}),
        ("human", {"height": 1.5}, {}),
    ]
    assert loop.why(mine) == "told, not asked for"


def test_two_identical_points_with_different_values_and_a_constant_objective_disturb_no_model() -> None:
    loop = AskTell({"x": {"limits": [0.0, 1.0]}}, seed=2)
    for value in (1.0, 2.0, 1.0, 2.0):
        loop.tell({"x": 0.5}, {"y": value})
    assert 0.0 <= float(loop.ask()[0]["x"]) <= 1.0
    flat = AskTell({"x": {"limits": [0.0, 1.0]}}, seed=2)
    for x in np.linspace(0.0, 1.0, 8):
        flat.tell({"x": float(x)}, {"y": 7.0})
    assert 0.0 <= float(flat.ask()[0]["x"]) <= 1.0


@pytest.mark.parametrize("nothing", [math.nan, math.inf, None])
def test_what_could_not_be_measured_is_not_asked_for_again(nothing: float | None) -> None:
    loop = AskTell({"x": {"values": [0.0, 1.0, 2.0, 3.0]}}, agent="grid")
    [point] = loop.ask()
    loop.tell(point, {"y": nothing})
    assert loop.best() is None
    assert loop.pending == []
    assert point not in loop.ask(3)


def test_a_pool_gives_what_it_has_and_then_says_that_it_is_exhausted() -> None:
    loop = AskTell({"x": {"limits": [0.0, 4.0]}}, agent="sobol", candidates=POOL)
    batch = loop.ask(99)
    assert sorted(float(point["x"]) for point in batch) == [0.0, 1.0, 2.0, 3.0, 4.0]
    with pytest.raises(AgentError):
        loop.ask()
    assert loop.pending == batch


def test_an_agent_without_a_model_expects_nothing() -> None:
    loop = AskTell({"x": {"limits": [0.0, 1.0]}}, agent="random")
    with pytest.raises(AgentError, match="the agent random has no model"):
        loop.predict([{"x": 0.5}])


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda loop: loop.ask(0), "n = 0 points"),
        (lambda loop: loop.ask(1.5), "n = 1.5 points .* whole number"),
        (lambda loop: loop.ask("2"), "n = 2 points .* whole number"),
        (lambda loop: loop.tell((0.0, 0.0), {"height": 1.0}), "no point; name every parameter: {'x': …, 'y': …}"),
        (lambda loop: loop.tell([{"x": 0.0, "y": 0.0}], {"height": 1.0}), "no point; name every parameter"),
        (
            lambda loop: loop.tell({"x": None, "y": 0.0}, {"height": 1.0}),
            "x = null is neither a number nor a text; give each parameter one",
        ),
        (lambda loop: loop.predict([{"x": np.zeros(2), "y": 0.0}]), "x = .* is neither a number nor a text"),
        (lambda loop: loop.tell({"x": True, "y": 0.0}, {"height": 1.0}), "x = true is neither a number nor a text"),
        (lambda loop: loop.tell({"x": 0.0, "y": 0.0}, 1.0), "1.0 names no objective; write {'height': …}"),
        (lambda loop: loop.tell({"x": 0.0, "y": 0.0}, {"height": "1"}), 'height = "1" is no number'),
        (lambda loop: loop.tell({"x": 0.0, "y": 0.0}, {"height": np.array([1.0, 2.0])}), "height = .* is no number"),
        (lambda loop: loop.tell({"x": 0.0, "y": 0.0}, {"height": True}), "height = true is no number"),
        (lambda loop: loop.tell({"x": 0.0, "y": 0.0}, {"height": np.True_}), "height = .* is no number"),
        (lambda loop: loop.tell({"x": 0.0, "y": 0.0}, {}), "the values leave out height; tell all of height, with {'height': None}"),
        (lambda loop: loop.tell({"x": "0.5", "y": 0.0}, {"height": 1.0}), r"x = '0.5' is a text, not a number; .* float\('0.5'\)"),
        (lambda loop: loop.tell({"x": 0.0, "y": 0.0}, {"height": 1.0}, sd="small"), "sd = small of height"),
        (lambda loop: loop.tell({"X": 0.0, "y": 0.0}, {"height": 1.0}), "names X, which is no parameter and leaves out x"),
        (lambda loop: loop.predict({"x": 0.0, "y": 0.0}), "is one point; give a list of points"),
        (lambda loop: loop.predict("x"), r"points: \"x\" is no list of points; give one: \[{'x': …, 'y': …}, …\]"),
        (lambda loop: loop.predict([{"x": 0.0, "y": 0.0}], "width"), "'width' is no objective; there are height"),
        (lambda loop: loop.best("width"), "'width' is no objective; there are height"),
        (lambda loop: loop.believed_best("width"), "'width' is no objective; there are height"),
        (lambda loop: loop.forget({"x": 0.5, "y": 0.5}), "x = 0.5, y = 0.5 is not pending; forget one of those that `pending` lists"),
        (lambda loop: loop.why(0.5), "0.5 is no point"),
        (lambda loop: loop.tell({"x": 2.0, "y": 0.0}, {"height": 1.0}), r"x = 2 .*above|x = 2 is"),
        (lambda loop: loop.tell({"x": 0.0}, {"height": 1.0}), "the space has x, y"),
        (lambda loop: loop.tell({"x": 0.0, "y": 0.0}, {"heigth": 1.0}), "'heigth' is no objective; there are height"),
        (lambda loop: loop.tell({"x": 0.0, "y": 0.0}, {"height": 1.0}, sd=-1.0), "sd = -1.0 of height"),
        (lambda loop: loop.tell({"x": 0.0, "y": 0.0}, {"height": 1.0}, sd=math.nan), "sd = nan of height"),
        (lambda loop: loop.predict([{"x": 9.0, "y": 0.0}]), "predict inside the space"),
        (lambda loop: loop.why({"x": 0.5, "y": 0.5}), "neither asked for nor told"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(call: Any, said: str) -> None:
    loop = told(AskTell(SQUARE, {"height": "maximise"}, "random"), 1)
    before = loop.state
    with pytest.raises(BadInput, match=said):
        call(loop)
    assert loop.state is before


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"space": {}}, "space"),
        ({"space": {"x": {"limits": [1.0, 0.0]}}}, "reversed or empty"),
        ({"space": SQUARE, "objectives": {"y": "maximize"}}, "'maximise' or 'minimise'; did you mean 'maximise'?"),
        ({"space": SQUARE, "objectives": "y"}, 'objectives = "y": must be a mapping of keys to values, for example {flux: maximise}'),
        ({"space": SQUARE, "objectives": ["y"]}, "for example {flux: maximise}"),
        ({"space": SQUARE}, "objectives: 'y' is a parameter, too; call what is measured otherwise, for example {'y_measured': 'maximise'}"),
        ({"space": {"x": {"values": [True, False]}}}, "true and false are no numbers; write names in quotes"),
        ({"space": SQUARE, "constraints": "x <= 0.5"}, 'constraints = "x <= 0.5": must be a list'),
        ({"space": SQUARE, "agent": "bayesain"}, "did you mean 'bayesian'"),
        ({"space": SQUARE, "agent": {"type": "grid", "levels": 0}}, "must be at least 1"),
        ({"space": {"x": {"limit": [0.0, 1.0]}}}, "space.x.limit: unknown key; did you mean 'limits'"),
        ({"space": {"x": (0.0, 1.0)}}, r"space.x = \[0.0, 1.0\]: must be a mapping of keys to values, for example {limits: "),
        ({"space": SQUARE, "agent": {"type": "bayesian", "n_inital": 4}}, "agent.n_inital: unknown key; did you mean 'n_initial'"),
        ({"space": SQUARE, "constraints": ["x <= 0.5"]}, 'constraints.0 = "x <= 0.5": must be a mapping .* {weights: '),
        ({"space": SQUARE, "seed": -1}, "seed = -1: must be at least 0"),
        ({"space": SQUARE, "candidates": [{"x": 0.0, "y": 0.0}, {"x": 7.0, "y": 0.0}]}, "candidates.1: x = 7 is outside"),
        ({"space": SQUARE, "candidates": [{"X": 0.0, "y": 0.0}]}, "candidates.0: the point names X"),
        ({"space": SQUARE, "candidates": []}, "pool of candidates is empty"),
        ({"space": SQUARE, "constraints": [{"weights": {"z": 1.0}, "upper": 1.0}]}, "a constraint names 'z'"),
        ({"space": SQUARE, "constraints": [{"weights": {"x": 1.0}, "lower": 99.0}]}, "constraints.0: x reaches at most"),
        ({"space": SQUARE, "constraints": [APART, TOGETHER]}, "constraints: no point satisfies all 2 constraints at once"),
    ],
)
def test_a_loop_that_cannot_be_is_refused_with_place_and_value(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        AskTell(**wrong)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "space: required and missing"),
        ("3", "^3 is no state of a loop; give what to_json returned"),
        ("loop.json", "not the name of a file"),
        ({}, "give what to_json returned"),
    ],
)
def test_a_text_that_is_no_state_is_refused(text: Any, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        AskTell.from_json(text)


def test_a_prediction_before_the_first_measurement_says_that_there_is_none() -> None:
    loop = AskTell(SQUARE, {"height": "maximise"})
    with pytest.raises(AgentError, match="no measurement was told yet"):
        loop.predict([{"x": 0.5, "y": 0.5}])


def test_the_front_is_what_none_outdoes_in_all_objectives() -> None:
    loop = AskTell(SQUARE, {"height": "maximise", "width": "minimise"}, "random", limits={"heat": {"at_most": 350.0}})
    assert loop.front() == []
    for x, (height, width, heat) in enumerate(
        [(1.0, 1.0, 300.0), (2.0, 2.0, 300.0), (1.5, 3.0, 300.0), (9.0, 0.0, 400.0), (2.0, None, 300.0)]
    ):
        loop.tell({"x": x / 10, "y": 0.0}, {"height": height, "width": width, "heat": heat}, sd={"height": 0.1})
    assert [outcome.point["x"] for outcome in loop.front()] == [0.0, 0.1]
    assert loop.front()[0] == ({"x": 0.0, "y": 0.0}, {"height": 1.0, "width": 1.0, "heat": 300.0}, {"height": 0.1})


@pytest.mark.parametrize("sign", [1.0, -1.0], ids=["maximise", "minimise"])
def test_a_lucky_reading_is_the_best_and_not_believed_to_be(sign: float) -> None:
    loop = AskTell({"x": {"limits": [0.0, 10.0]}}, {"height": "maximise" if sign > 0 else "minimise"})
    assert loop.believed_best() is None
    for x in (*range(11), 6.0, 6.5, 5.5):
        loop.tell({"x": float(x)}, {"height": sign * (10.0 - (x - 6.0) ** 2 / 4)}, sd=1.5)
    loop.tell({"x": 2.2}, {"height": sign * 12.0}, sd=4.0)
    best, believed = loop.best(), loop.believed_best()
    assert best is not None
    assert believed is not None
    assert best.point == {"x": 2.2}
    assert 5.0 <= float(believed.point["x"]) <= 7.0
    assert (believed.value, believed.sd) == tuple(float(each[0]) for each in loop.predict([believed.point]))


def test_an_agent_without_a_model_believes_nothing() -> None:
    with pytest.raises(AgentError, match="the agent random has no model; choose one that has"):
        told(AskTell(SQUARE, {"height": "maximise"}, "random"), 5).believed_best()


def test_with_one_objective_the_front_is_the_best() -> None:
    loop = told(AskTell(SQUARE, {"height": "maximise"}, "random"), 5)
    best = loop.best()
    assert best is not None
    assert [outcome.values["height"] for outcome in loop.front()] == [best.value]


def test_a_notebook_shows_what_a_loop_knows() -> None:
    loop = told(AskTell(SQUARE, {"height": "maximise"}, "random"), 2)
    loop.ask()
    assert repr(loop) == "<AskTell random: maximise height over x, y; 2 told, 1 pending>"


def test_importing_it_is_light() -> None:
    check_imports_are_light(["orchestrator.asktell"])


def test_limits_are_told_beside_objectives_and_decide_which_point_is_the_best() -> None:
    loop = AskTell(SQUARE, {"height": "maximise"}, "sobol", limits={"flux": {"at_least": 5.0}})
    for height, flux in ((1.0, 6.0), (9.0, 4.0), (2.0, 7.0), (8.0, float("nan"))):
        [point] = loop.ask()
        loop.tell(point, {"height": height, "flux": flux}, sd={"flux": 0.1})
    best = AskTell.from_json(loop.to_json()).best()
    assert best is not None
    assert best.value == 2.0


def test_a_safe_search_asks_for_its_start_first_and_stays_where_the_limit_holds() -> None:
    loop = AskTell(SQUARE, {"height": "maximise"}, limits={"flux": {"at_least": 0.0, "safe": True}}, safe_start=[{"x": -0.5, "y": 0.0}])
    assert loop.ask(2) == [{"x": -0.5, "y": 0.0}]
    loop.tell({"x": -0.5, "y": 0.0}, {"height": 0.1, "flux": 0.5})
    [point] = loop.ask()
    assert abs(float(point["x"]) + 0.5) < 0.2
    assert "keeps flux ≥ 0 with more than 99.9 %" in loop.why(point)


def test_points_told_before_are_a_safe_start_too() -> None:
    loop = AskTell(SQUARE, {"height": "maximise"}, limits={"flux": {"at_least": 0.0, "safe": True}})
    with pytest.raises(AgentError, match="no measured point kept flux ≥ 0: flux gave no finite reading in 0 trials; give a safe_start"):
        loop.ask()
    loop.tell({"x": 0.3, "y": 0.3}, {"height": 0.1, "flux": 1.0})
    assert loop.ask()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"limits": {"flux": {"at_least": 2, "at_most": 1}}}, "at_least = 2 is not below at_most = 1"),
        ({"limits": {"flux": {"at_least": 2, "safe": True}}, "agent": "random"}, "agent random: the limit on flux is safe"),
        ({"limits": {"flux": {"at_least": 2, "safe": True}}, "safe_start": [{"x": 7.0, "y": 0.0}]}, "safe_start: x = 7"),
    ],
)
def test_limits_that_make_no_sense_are_refused(more: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        AskTell(SQUARE, {"height": "maximise"}, **more)


def test_what_is_fixed_just_now_is_asked_for_there_and_learned_from_everywhere() -> None:
    """The height moves with the temperature the furnace happens to have; each ask names that temperature."""

    def height(point: Any) -> float:
        return -((point["x"] - 0.2 - 0.5 * point["t"] / 100.0) ** 2)

    loop = AskTell({"x": {"limits": [0.0, 1.0]}, "t": {"limits": [0.0, 100.0], "unit": "K"}}, {"height": "maximise"}, seed=2)
    for number in range(16):
        [point] = loop.ask(fixed={"t": float(number * 37 % 100)})
        assert point["t"] == pytest.approx(number * 37 % 100)
        loop.tell(point, {"height": height(point)})
    [point] = loop.ask(fixed={"t": 60.0})  # a temperature it never had
    assert point["x"] == pytest.approx(0.5, abs=0.05)


def test_a_category_is_fixed_and_released_while_lengthscales_lie_along_oblique_directions() -> None:
    space = {"x": {"limits": [0.0, 1.0]}, "y": {"limits": [0.0, 1.0]}, "filter": {"values": ["Al", "Cu"]}}
    loop = AskTell(space, {"height": "maximise"}, seed=1)
    oblique = None
    for _ in range(30):
        [point] = loop.ask(fixed={"filter": "Al"} if oblique else None)
        models = loop.state.trials[-1].evidence.model
        if oblique:
            assert point["filter"] == "Al"
            break
        oblique = models.get("directions")
        x, y = float(point["x"]), float(point["y"])
        loop.tell(point, {"height": -math.log1p(400.0 * (x - y) ** 2 + (x + y - 0.9) ** 2)})
    assert oblique, "the ridge was never seen to be oblique, so nothing was tested"
    assert loop.ask(2)


def test_a_batch_comes_in_an_order_that_takes_little_time() -> None:
    as_ranked, in_order = (AskTell(SQUARE, {"height": "maximise"}, "sobol", seed=4) for _ in range(2))
    for loop in (as_ranked, in_order):
        loop.tell({"x": -1.0, "y": -1.0}, {"height": 0.0})
    ranked, ordered = as_ranked.ask(8), in_order.ask(8, seconds={"x": 2.0, "y": 0.1})
    assert sorted(map(str, ranked)) == sorted(map(str, ordered))
    xs = [point["x"] for point in ordered]
    assert xs == sorted(xs)  # y costs next to nothing: once across, from where the last one was measured
    assert [point["x"] for point in ranked] != xs


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"fixed": {"z": 1.0}}, "'z' is no parameter; choose from x, y"),
        ({"fixed": {"x": 3.0}}, "x = 3 is outside"),
        ({"fixed": {"x": 0.0, "y": 0.0}}, "nothing to choose"),
        ({"seconds": {"x": -1.0}}, "x = -1.0 s per unit is no time"),
        ({"seconds": {"z": 1.0}}, "'z' is no parameter"),
    ],
)
def test_what_cannot_be_fixed_or_timed_is_refused_and_changes_nothing(arguments: dict[str, Any], said: str) -> None:
    loop = AskTell(SQUARE, {"height": "maximise"})
    with pytest.raises(BadInput, match=said):
        loop.ask(**arguments)
    assert loop.pending == []
