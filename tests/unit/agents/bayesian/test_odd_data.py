"""Data nobody plans for: whatever was told, the next suggestion is a sensible point, or a clear error."""

import math
import tracemalloc
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from orchestrator import AskTell
from orchestrator.domain.errors import BadInput

SQUARE = {"x": {"limits": [0.0, 1.0]}, "z": {"limits": [0.0, 1.0]}}


def told(values: Callable[[float], float], space: Mapping[str, Any] = SQUARE, n: int = 10, sd: float | None = None) -> AskTell:
    """Return a loop that was told n points drawn at random."""
    loop, rng = AskTell(space, {"y": "maximise"}), np.random.default_rng(0)
    for _ in range(n):
        point = {name: float(rng.random()) for name in space}
        loop.tell(point, {"y": values(point["x"])}, sd=sd)
    return loop


@pytest.mark.parametrize(
    ("values", "sd"),
    [
        (lambda _: 3.0, None),
        (lambda _: 0.0, 0.0),
        (lambda _: math.nan, None),
        (lambda x: math.nan if x > 0.3 else x, None),
        (lambda x: 1e30 * x, None),
        (lambda x: 1e-30 * x, None),
        (lambda x: 1e300 * x, None),
        (lambda x: 1e30 if x > 0.8 else x, None),
        (lambda x: x, 1e6),
        (lambda x: x, 1e-30),
    ],
    ids=["constant", "zero without scatter", "all NaN", "some NaN", "huge", "tiny", "near the largest", "a freak", "vague", "exact"],
)
def test_a_suggestion_is_inside_the_space_and_new(values: Callable[[float], float], sd: float | None) -> None:
    loop = told(values, sd=sd)
    known = [trial.point for trial in loop.state.trials]
    for point in loop.ask(2):
        assert loop.space.contains(point)
        assert point not in known


def test_one_point_with_two_values_both_called_exact() -> None:
    loop = told(lambda x: x, n=6)
    for value in (1.0, 2.0):
        loop.tell({"x": 0.5, "z": 0.5}, {"y": value}, sd=0.0)
    assert loop.space.contains(loop.ask()[0])


@pytest.mark.parametrize("agent", ["bayesian", "hill-climb", "botorch-default"])
def test_a_whole_number_of_very_many_is_never_written_out(agent: str) -> None:
    loop = AskTell({"x": {"limits": [0.0, 1.0]}, "n": {"type": "integer", "limits": [0, 10**8]}}, {"y": "maximise"}, agent=agent)
    tracemalloc.start()
    for _ in range(8):
        [point] = loop.ask()
        loop.tell(point, {"y": float(point["x"]) + float(point["n"]) / 1e8})
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 1e8  # bytes; the numbers themselves would take eight times as many


def test_two_hundred_parameters() -> None:
    loop = told(lambda x: x, {f"x{n}" if n else "x": {"limits": [0.0, 1.0]} for n in range(200)})
    assert loop.space.contains(loop.ask()[0])


@pytest.mark.parametrize("limits", [[1.0, 1.0 + 1e-12], [-1e12, 1e12]], ids=["narrow", "wide"])
def test_limits_of_any_size(limits: list[float]) -> None:
    loop = AskTell({"x": {"limits": limits}})
    for _ in range(8):
        [point] = loop.ask()
        assert loop.space.contains(point)
        loop.tell(point, {"y": float(point["x"])})


def test_a_space_of_one_value_is_measured_again_and_again() -> None:
    loop = AskTell({"x": {"values": [1.0]}})
    for value in (1.0, 2.0, 3.0):
        [point] = loop.ask()
        assert point == {"x": 1.0}
        loop.tell(point, {"y": value})


@pytest.mark.parametrize(
    "equations",
    [
        [({"x": 1.0}, 0.5), ({"z": 1.0}, 0.25)],
        [({"x": 1.0, "z": 1.0}, 1.0), ({"x": 2.0, "z": 2.0}, 2.0)],
    ],
    ids=["as many as parameters", "twice the same"],
)
def test_equations_that_leave_little_or_nothing_free(equations: list[tuple[Mapping[str, float], float]]) -> None:
    loop = AskTell(SQUARE, constraints=[{"weights": weights, "lower": total, "upper": total} for weights, total in equations])
    for _ in range(8):
        [point] = loop.ask()
        assert loop.space.contains(point)
        loop.tell(point, {"y": float(point["x"])})


def test_equations_that_contradict_each_other_are_named_as_such() -> None:
    with pytest.raises(BadInput, match="no point satisfies all 2 constraints at once"):
        AskTell(SQUARE, constraints=[{"weights": {"x": 1.0}, "lower": x, "upper": x} for x in (0.5, 0.6)])


def test_pending_points_that_nobody_ever_answers() -> None:
    points = AskTell(SQUARE).ask(30)
    assert len({tuple(point.values()) for point in points}) == 30


def test_an_objective_that_is_missing_half_of_the_time() -> None:
    loop = AskTell(SQUARE, {"flux": "maximise", "width": "minimise"})
    for number in range(10):
        [point] = loop.ask()
        loop.tell(point, {"flux": float(point["x"]), "width": None if number % 2 else 1.0})
    assert loop.space.contains(loop.ask()[0])
