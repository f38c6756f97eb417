"""Random, Sobol, grid and scripted agents."""

import numpy as np
import pytest
from pydantic import ValidationError

from agents.grid import GridAgent
from agents.random import RandomAgent
from agents.scripted import ScriptedAgent
from agents.sobol import SobolAgent
from orchestrator.domain.base import Point
from orchestrator.domain.campaign import TrialStatus
from orchestrator.domain.chance import Stream
from orchestrator.domain.errors import AgentError
from orchestrator.domain.protocols import Agent
from orchestrator.domain.records import Suggestion, TrialKind
from orchestrator.domain.space import Continuous, Integer, LinearConstraint, Ordinal, Space
from orchestrator.testing.agent_cases import SPACES
from orchestrator.testing.histories import empty_history, extended, history_with, played

SQUARE = Space(parameters={"x": Continuous(limits=(0, 1)), "y": Continuous(limits=(0, 1))})


def random_agent() -> RandomAgent:
    return RandomAgent(RandomAgent.Settings())


def sobol() -> SobolAgent:
    return SobolAgent(SobolAgent.Settings())


def grid(**settings: object) -> GridAgent:
    return GridAgent(GridAgent.Settings.model_validate(settings))


def points_of(agent: Agent, space: Space, n: int, *, seed: int = 0) -> list[Point]:
    history = played(agent, empty_history(space, seed=seed), lambda point: 1.0, n)
    return list(history.suggested_points())


def in_square(points: list[Point]) -> np.ndarray:
    return np.array([[float(point["x"]), float(point["y"])] for point in points])


def test_random_points_cover_the_space_and_depend_on_the_seed() -> None:
    points = in_square(points_of(random_agent(), SQUARE, 300))
    assert points.mean(axis=0) == pytest.approx([0.5, 0.5], abs=0.06)
    assert not np.allclose(points[:3], in_square(points_of(random_agent(), SQUARE, 3, seed=1)))


def test_random_visits_every_point_of_a_finite_space_before_any_twice() -> None:
    points = points_of(random_agent(), SPACES["all discrete"], 20)
    assert len({tuple(point.values()) for point in points[:16]}) == 16


def test_a_finite_space_where_all_was_refused_is_an_error_that_counts_them() -> None:
    space = Space(parameters={"n": Ordinal(values=(1, 2))})
    history = history_with(space, [({"n": 1}, TrialStatus.VETOED), ({"n": 2}, TrialStatus.FAILED)])
    with pytest.raises(AgentError, match=r"vetoed or failed before \(2 in all\)"):
        random_agent().ask(history)


def test_a_sobol_sequence_puts_one_point_into_every_cell() -> None:
    cells = np.floor(in_square(points_of(sobol(), SQUARE, 16)) * 4).astype(int)
    assert len({tuple(cell) for cell in cells}) == 16


def test_a_sobol_sequence_goes_on_where_it_was_although_a_point_was_vetoed() -> None:
    history = empty_history(SQUARE)
    vetoed = extended(history, sobol().ask(history), TrialStatus.VETOED)
    scored = extended(history, sobol().ask(history), 1.0)
    assert sobol().ask(vetoed) == sobol().ask(scored)


def test_in_a_thin_region_sobol_says_that_it_takes_distant_points_instead() -> None:
    suggestion = sobol().ask(played(sobol(), empty_history(SPACES["composition"]), lambda point: 1.0, 3))
    assert "farthest" in suggestion.evidence.reason


def test_in_a_pool_sobol_keeps_its_distance() -> None:
    pool = Space(parameters={"x": Continuous(limits=(0, 10))}, candidates=tuple({"x": float(x)} for x in range(11)))
    history = history_with(pool, [({"x": 2.0}, 1.0)])
    assert sobol().ask(history).point == {"x": 10.0}


def test_a_grid_is_walked_to_and_fro() -> None:
    space = Space(parameters={"n": Ordinal(values=(1, 2)), "x": Continuous(limits=(0, 2))})
    points = points_of(grid(levels=3), space, 6)
    assert [(point["n"], point["x"]) for point in points] == [(1, 0.0), (1, 1.0), (1, 2.0), (2, 2.0), (2, 1.0), (2, 0.0)]


def test_each_step_of_a_grid_moves_one_parameter_by_one_level() -> None:
    space = Space(parameters={name: Continuous(limits=(0, 1)) for name in "abc"})
    rows = np.array([list(point.values()) for point in points_of(grid(levels={"a": 3, "b": 2, "c": 3}), space, 18)], dtype=float)
    assert (np.count_nonzero(np.diff(rows, axis=0), axis=1) == 1).all()


def test_a_grid_leaves_out_what_breaks_a_constraint_and_then_ends() -> None:
    space = SQUARE.model_copy(update={"constraints": (LinearConstraint(weights={"x": 1, "y": 1}, upper=1.0),)})
    history = played(grid(levels=3), empty_history(space), lambda point: 1.0, 6)
    with pytest.raises(AgentError, match="grid exhausted: its 9 points have been suggested or break a constraint; raise levels"):
        grid(levels=3).ask(history)


def test_a_default_grid_stays_within_ten_thousand_points() -> None:
    space = Space(parameters={f"x{k}": Continuous(limits=(0, 1)) for k in range(6)})
    assert "grid of 4096" in grid().ask(empty_history(space)).evidence.reason  # four levels in six dimensions


def test_a_grid_of_whole_numbers_takes_no_value_twice() -> None:
    space = Space(parameters={"n": Integer(type="integer", limits=(0, 3))})
    assert [point["n"] for point in points_of(grid(levels=10), space, 4)] == [0, 1, 2, 3]


def test_levels_for_an_unknown_parameter_are_refused_by_name() -> None:
    with pytest.raises(AgentError, match="levels names z, which is no parameter; choose from x, y"):
        grid(levels={"z": 3}).ask(empty_history(SQUARE))
    with pytest.raises(ValidationError, match="must be at least 1"):
        grid(levels=0)


def test_a_grid_agent_takes_a_pool_in_its_order() -> None:
    pool = SPACES["pool"]
    assert points_of(grid(), pool, 3) == list((pool.candidates or ())[:3])


def scripted(*points: Point) -> ScriptedAgent:
    return ScriptedAgent(ScriptedAgent.Settings(points=points))


def test_a_script_is_played_in_order_and_then_ends() -> None:
    agent = scripted({"x": 0.5, "y": 1}, {"x": 0.0, "y": 0.25})
    history = played(agent, empty_history(SQUARE), lambda point: 1.0, 2)
    assert list(history.suggested_points()) == [{"x": 0.5, "y": 1.0}, {"x": 0.0, "y": 0.25}]
    with pytest.raises(AgentError, match="script exhausted: all 2 points have been suggested"):
        agent.ask(history)


def test_a_persons_point_in_between_does_not_skip_a_line_of_the_script() -> None:
    agent = scripted({"x": 0.1, "y": 0.1}, {"x": 0.2, "y": 0.2})
    history = extended(empty_history(SQUARE), agent.ask(empty_history(SQUARE)), 1.0)
    history = extended(history, Suggestion(point={"x": 0.9, "y": 0.9}), 1.0, kind=TrialKind.HUMAN)
    assert agent.ask(history).point == {"x": 0.2, "y": 0.2}


def test_a_script_used_as_the_fallback_counts_its_own_points_only() -> None:
    agent = scripted({"x": 0.1, "y": 0.1})
    history = extended(empty_history(SQUARE, stream=Stream.FALLBACK), Suggestion(point={"x": 0.9, "y": 0.9}), 1.0)
    assert agent.ask(history).point == {"x": 0.1, "y": 0.1}


def test_a_scripted_point_that_cannot_be_measured_is_named() -> None:
    with pytest.raises(AgentError, match=r"point 1 of the script cannot be measured: x = 2 is outside \[0, 1\]"):
        scripted({"x": 2.0, "y": 0.0}).ask(empty_history(SQUARE))
