"""The dose a campaign has spent."""

from collections.abc import Callable

from orchestrator.domain.records import Observation
from tests.unit.engine.conftest import Night


def test_a_dose_that_could_not_be_told_counts_at_the_rate_of_those_before(night: Callable[..., Night]) -> None:
    tonight = night(budget={"trials": 4}, measure={"exposure": 2})
    tonight.executor.tamper = lambda seen: seen.model_copy(update={"dose": None if seen.trial == 3 else 5.0})
    state = tonight.drive()
    assert [_dose(trial.observation) for trial in state.trials] == [5.0, 5.0, 5.0, 5.0]
    assert state.dose == 20.0


def test_the_first_dose_of_all_stays_unknown_and_is_recorded_as_such(night: Callable[..., Night]) -> None:
    tonight = night(budget={"trials": 2}, measure={"exposure": 2})
    tonight.executor.tamper = lambda seen: seen.model_copy(update={"dose": None if seen.trial == 1 else 5.0})
    state = tonight.drive()
    assert [_dose(trial.observation) for trial in state.trials] == [None, 5.0]
    assert state.dose == 5.0


def _dose(observation: Observation | None) -> float | None:
    assert observation is not None
    return observation.dose
