"""Our agents as an optimizer with blop's protocol."""

from pathlib import Path
from typing import Any

import pytest

from orchestrator import AskTell
from orchestrator.blop_adapters import AskTellOptimizer
from orchestrator.domain.errors import AgentError, BadInput

SQUARE = {"x": {"limits": [-1.0, 1.0]}, "y": {"limits": [-1.0, 1.0]}}


def optimizer(agent: str = "sobol", checkpoint_path: Path | None = None, **objectives: Any) -> AskTellOptimizer:
    return AskTellOptimizer(AskTell(SQUARE, objectives or {"flux": "maximise"}, agent, seed=2), checkpoint_path)


def flux(point: Any) -> float:
    return 1.0 - (point["x"] - 0.3) ** 2 - (point["y"] + 0.2) ** 2


def test_a_mirror_is_aligned_in_a_few_batches() -> None:
    ours = optimizer("bayesian")
    for _ in range(6):
        batch = ours.suggest(3)
        ours.ingest([{"_id": point["_id"], "flux": flux(point)} for point in reversed(batch)])
    [(number, point, outcome)] = ours.get_best_points()
    assert outcome["flux"] > 0.98
    assert point == ours.loop.state.trials[number].point
    assert [told.by for told in ours.loop.state.trials] == ["agent"] * 18


def test_points_are_told_apart_in_any_order() -> None:
    ours = optimizer()
    one, two = ours.suggest(2)
    [three] = ours.suggest()
    assert [each["_id"] for each in (one, two, three)] == [0, 1, 2]
    ours.ingest([{"_id": 2, "flux": 3.0}, {"_id": 0, "flux": 1.0}])
    assert ours.loop.pending == [{"x": two["x"], "y": two["y"]}]
    assert [told.values for told in ours.loop.state.trials] == [{"flux": 1.0}, None, {"flux": 3.0}]


def test_a_standard_error_is_kept_and_what_was_not_measured_is_a_failure() -> None:
    ours = optimizer()
    ours.suggest(3)
    ours.ingest([{"_id": 0, "flux": (2.0, 0.1), "temperature": 21.0}, {"_id": 1, "flux": float("nan")}])
    ours.register_failures([{"_id": 2}])
    states = [(told.values, told.sd) for told in ours.loop.state.trials]
    assert states == [({"flux": 2.0}, {"flux": 0.1}), ({}, {}), ({}, {})]


def test_points_of_ones_own_count_with_and_without_being_registered() -> None:
    ours = optimizer()
    ours.suggest()
    mine = ours.register_suggestions([{"x": 0.1, "y": 0.2, "_id": 0}, {"x": 0.2, "y": 0.2}])
    assert mine == [{"_id": -1, "x": 0.1, "y": 0.2}, {"_id": -2, "x": 0.2, "y": 0.2}]
    ours.ingest([{"_id": -1, "flux": 5.0}, {"x": 0.3, "y": 0.4, "flux": 6.0}, {"_id": "baseline", "x": 0.5, "y": 0.6, "flux": 4.0}])
    own = [(told.point["x"], told.values) for told in ours.loop.state.trials if told.by == "human"]
    assert own == [(0.1, {"flux": 5.0}), (0.3, {"flux": 6.0}), (0.5, {"flux": 4.0})]


def test_with_two_objectives_the_best_points_are_those_that_none_outdoes() -> None:
    ours = optimizer(flux="maximise", width="minimise")
    with pytest.raises(BadInput, match="no best point before the first measurement"):
        ours.get_best_points()
    ours.suggest(5)
    outcomes = [(1.0, 1.0), (2.0, 2.0), (1.5, 3.0), (2.0, 2.0), (3.0, None)]
    ours.ingest([{"_id": number, "flux": flux, "width": width} for number, (flux, width) in enumerate(outcomes)])
    assert [number for number, _, _ in ours.get_best_points()] == [0, 1, 3]


def test_limited_signals_are_learned_and_a_point_that_breaks_a_limit_is_never_the_best() -> None:
    loop = AskTell({"x": {"limits": [0.0, 1.0]}}, {"flux": "maximise"}, "sobol", limits={"heat": {"at_most": 350.0}})
    ours = AskTellOptimizer(loop)
    ours.suggest(4)
    ours.ingest([{"_id": 0, "flux": 9.0, "heat": 400.0}, {"_id": 2, "flux": 8.0}])
    ours.register_failures([{"_id": 3}])
    with pytest.raises(BadInput, match="no best point before the first measurement that keeps the limits of heat"):
        ours.get_best_points()
    ours.ingest([{"_id": 1, "flux": 5.0, "heat": (300.0, 1.0), "width": 2.0}])
    assert [number for number, _, _ in ours.get_best_points()] == [1]
    best = loop.best()
    assert best is not None
    assert best.value == 5.0


def test_a_checkpoint_goes_on_as_if_nothing_had_been(tmp_path: Path) -> None:
    ours = optimizer(checkpoint_path=tmp_path / "night.json")
    batch = ours.suggest(2)
    ours.ingest([{"_id": 0, "flux": flux(batch[0])}])
    ours.checkpoint()
    again = AskTellOptimizer.from_checkpoint(tmp_path / "night.json")
    again.ingest([{"_id": 1, "flux": 9.0}])
    assert again.get_best_points()[0][0] == 1
    assert again.suggest() == ours.suggest()
    assert [each.name for each in tmp_path.iterdir()] == ["night.json"]


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"_id": 7, "flux": 1.0}, r"_id = 7 was never suggested; leave it out"),
        ({"_id": -1, "flux": 1.0}, r"_id = -1 was never suggested"),
        ({"_id": 0, "counts": 1.0}, r"the outcomes _id, counts hold none of the objectives flux; return those"),
        ({"x": 3.0, "y": 0.0, "flux": 1.0}, r"x = 3 is outside"),
        ({"x": 0.0, "flux": 1.0}, r"the point leaves out y; the space has x, y"),
    ],
)
def test_what_makes_no_sense_is_refused(told: dict[str, Any], problem: str) -> None:
    ours = optimizer()
    ours.suggest()
    before = ours.loop.to_json()
    with pytest.raises(BadInput, match=problem):
        ours.ingest([told])
    assert ours.loop.to_json() == before


def test_a_point_outside_is_not_registered_and_without_a_file_there_is_no_checkpoint() -> None:
    with pytest.raises(BadInput, match="register points inside the space"):
        optimizer().register_suggestions([{"x": 5.0, "y": 0.0}])
    with pytest.raises(BadInput, match="checkpoint_path is not given"):
        optimizer().checkpoint()


def test_the_last_points_of_a_pool_may_be_fewer_than_asked_for() -> None:
    ours = AskTellOptimizer(AskTell({"x": {"limits": [0, 1]}}, {"flux": "maximise"}, "random", candidates=[{"x": 0.0}, {"x": 1.0}]))
    assert len(ours.suggest(3)) == 2
    with pytest.raises(AgentError, match="pool exhausted"):
        ours.suggest()
