"""Latin hypercubes."""

import numpy as np
import pytest
from pydantic import ValidationError

from agents.latin_hypercube import LatinHypercubeAgent
from agents.rows import rows_of
from orchestrator.domain.campaign import TrialStatus
from orchestrator.domain.space import Continuous, Space
from orchestrator.testing.agent_cases import SPACES
from orchestrator.testing.histories import empty_history, extended, played

BOX = Space(parameters={name: Continuous(limits=(0, 1)) for name in "abc"})


def agent(**settings: int) -> LatinHypercubeAgent:
    return LatinHypercubeAgent(LatinHypercubeAgent.Settings.model_validate(settings))


def rows_after(space: Space, n_asked: int, *, seed: int = 0, **settings: int) -> np.ndarray:
    return rows_of(space, list(played(agent(**settings), empty_history(space, seed=seed), lambda point: 1.0, n_asked).suggested_points()))


@pytest.mark.parametrize("seed", range(3))
def test_every_parameter_takes_one_value_from_each_of_n_equal_intervals(seed: int) -> None:
    intervals = np.floor(rows_after(BOX, 12, seed=seed, n=12) * 12).astype(int)
    assert all(sorted(column) == list(range(12)) for column in intervals.T)


def test_after_a_design_comes_another_one_of_its_own() -> None:
    intervals = np.floor(rows_after(BOX, 8, n=4) * 4).astype(int)
    assert all(sorted(column) == [0, 1, 2, 3] for column in intervals[4:].T)
    assert not np.array_equal(intervals[:4], intervals[4:])


def test_a_design_in_half_a_square_has_as_many_points_as_were_asked_for() -> None:
    rows = rows_after(SPACES["half a square"], 10, n=10)
    assert (rows.sum(axis=1) <= 1.0).all()
    assert all(len(set(column)) == 10 for column in np.floor(rows * 40).T)  # of a design of up to 40 points over the square


def test_a_vetoed_point_is_left_out_and_the_design_goes_on() -> None:
    history = empty_history(BOX)
    vetoed = extended(history, agent().ask(history), TrialStatus.VETOED)
    assert agent().ask(vetoed).point == agent().ask(extended(history, agent().ask(history), 1.0)).point


def test_where_the_constraints_leave_no_room_it_says_that_it_keeps_its_distance() -> None:
    assert "farthest" in agent().ask(empty_history(SPACES["composition"])).evidence.reason


def test_a_design_without_points_is_refused() -> None:
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        agent(n=0)
