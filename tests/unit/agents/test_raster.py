"""Rasters."""

from collections.abc import Sequence

import numpy as np
import pytest

from agents.raster import RasterAgent
from orchestrator.domain.errors import AgentError
from orchestrator.domain.space import Continuous, LinearConstraint, Space
from orchestrator.testing.histories import empty_history, history_with, played

STAGE = Space(parameters={"x": Continuous(limits=(0, 2)), "y": Continuous(limits=(0, 1))})
PIXELS = [{"x": float(x), "y": float(y)} for x in range(3) for y in range(3)]


def raster(**settings: object) -> RasterAgent:
    return RasterAgent(RasterAgent.Settings.model_validate(settings))


def walked(space: Space, n: int, **settings: object) -> list[tuple[float, ...]]:
    points = played(raster(**settings), empty_history(space), lambda point: 1.0, n).suggested_points()
    return [tuple(float(value) for value in point.values()) for point in points]


def travel(path: Sequence[tuple[float, ...]]) -> float:
    return float(np.abs(np.diff(np.array(path), axis=0)).sum())


def test_a_stage_scans_along_x_and_steps_along_y() -> None:
    path = walked(STAGE, 6, fast="x", levels={"x": 3, "y": 2})
    assert path == [(0, 0), (1, 0), (2, 0), (2, 1), (1, 1), (0, 1)]


def test_without_serpentine_every_line_begins_at_the_low_end() -> None:
    path = walked(STAGE, 6, fast="x", levels={"x": 3, "y": 2}, serpentine=False)
    assert path == [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1)]


def test_a_pool_of_pixels_in_any_order_is_scanned_like_a_grid() -> None:
    rng = np.random.default_rng(3)
    pool = Space(
        parameters={name: Continuous(limits=(0, 2)) for name in "xy"}, candidates=tuple(PIXELS[index] for index in rng.permutation(9))
    )
    path = walked(pool, 9)
    assert path == [(0, 0), (0, 1), (0, 2), (1, 2), (1, 1), (1, 0), (2, 0), (2, 1), (2, 2)]
    with pytest.raises(AgentError, match="pool exhausted: all 9 candidates have been suggested"):
        raster().ask(history_with(pool, [(member, 1.0) for member in PIXELS]))


@pytest.mark.parametrize("fast", ["a", "b", "c"])
def test_each_step_of_a_raster_in_three_parameters_moves_one_of_them_by_one_level(fast: str) -> None:
    space = Space(parameters={name: Continuous(limits=(0, 1)) for name in "abc"})
    steps = np.abs(np.diff(np.array(walked(space, 24, fast=fast, levels={"a": 3, "b": 2, "c": 4})), axis=0))
    assert (np.count_nonzero(steps > 1e-12, axis=1) == 1).all()
    assert np.count_nonzero(steps.sum(axis=0)) == 3


def test_scattered_candidates_are_gathered_into_lines() -> None:
    rng = np.random.default_rng(0)
    members = tuple({"x": float(x), "y": float(y)} for x, y in rng.random((64, 2)))
    pool = Space(parameters={name: Continuous(limits=(0, 1)) for name in "xy"}, candidates=members)
    assert travel(walked(pool, 64, levels={"x": 8})) < 0.6 * travel(walked(pool, 64))


def test_a_line_begins_at_its_nearer_end_where_a_constraint_cuts_lines_short() -> None:
    triangle = STAGE.model_copy(update={"constraints": (LinearConstraint(weights={"x": 1, "y": 2}, upper=2.0),)})
    path = walked(triangle, 6, fast="x", levels={"x": 3, "y": 3})
    assert path == [(0, 0), (1, 0), (2, 0), (1, 0.5), (0, 0.5), (0, 1)]
    with pytest.raises(AgentError, match="raster finished: all its points"):
        raster(fast="x", levels={"x": 3, "y": 3}).ask(history_with(triangle, [({"x": x, "y": y}, 1.0) for x, y in path]))


def test_a_fast_parameter_that_does_not_exist_is_refused_by_name() -> None:
    with pytest.raises(AgentError, match="fast = z is no parameter; choose from x, y"):
        raster(fast="z").ask(empty_history(STAGE))
