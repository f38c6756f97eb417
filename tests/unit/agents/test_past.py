"""What was suggested, and what was refused."""

import pytest

from agents.past import first_new, open_members, refused_points
from orchestrator.domain.campaign import TrialStatus
from orchestrator.domain.errors import AgentError
from orchestrator.domain.space import Continuous, LinearConstraint, Space
from orchestrator.testing.histories import empty_history, history_with

POOL = Space(parameters={"x": Continuous(limits=(0, 10))}, candidates=tuple({"x": x} for x in (0.1 + 0.2, 1.0, 2.0, 11.0)))


def test_members_outside_the_limits_or_constraints_are_never_open() -> None:
    assert open_members(empty_history(POOL)) == [{"x": 0.1 + 0.2}, {"x": 1.0}, {"x": 2.0}]
    tighter = POOL.model_copy(update={"constraints": (LinearConstraint(weights={"x": 1}, upper=1.5),)})
    assert open_members(empty_history(tighter)) == [{"x": 0.1 + 0.2}, {"x": 1.0}]


@pytest.mark.parametrize("outcome", [1.0, None, TrialStatus.VETOED, TrialStatus.FAILED, TrialStatus.AWAITING])
def test_a_suggested_member_is_taken_whatever_became_of_it(outcome: float | TrialStatus | None) -> None:
    assert {"x": 1.0} not in open_members(history_with(POOL, [({"x": 1}, outcome)]))


def test_a_member_typed_by_hand_counts_though_its_last_digit_differs() -> None:
    assert open_members(history_with(POOL, [({"x": 0.3}, 1.0)])) == [{"x": 1.0}, {"x": 2.0}]


def test_an_exhausted_pool_says_how_many_and_what_to_do() -> None:
    history = history_with(POOL, [(member, 1.0) for member in POOL.candidates or ()])
    with pytest.raises(AgentError, match="pool exhausted: all 3 candidates have been suggested; widen the pool or end the campaign"):
        open_members(history)


def test_points_of_an_older_space_are_neither_refused_nor_repeated() -> None:
    history = history_with(POOL, [({"x": 1.0, "gone": 3.0}, TrialStatus.VETOED), ({"x": 2.0}, TrialStatus.VETOED)])
    assert refused_points(history) == [{"x": 2.0}]
    assert first_new(history, [{"x": 2.0}, {"x": 1.0}]) == {"x": 1.0}
