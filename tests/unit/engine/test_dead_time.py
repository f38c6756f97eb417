"""The instrument waits for the engine no longer than it must, and the ledger says how long it did."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from agents.bayesian import BayesianAgent
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.ports import NotMeasured
from orchestrator.domain.records import Evidence, Observation
from orchestrator.engine.agent_server import AgentServer
from orchestrator.engine.idling import Idling
from orchestrator.testing.fakes import EVENING, STAGE_SPACE, FakeClock
from tests.unit.engine.conftest import Night

Make = Callable[..., Night]
TICK = 0.01
"""Seconds that every look at the clock takes: the engine's own work."""


def ticking(night: Make, **changes: object) -> Night:
    made = night(**changes)
    made.clock = made.executor.clock = FakeClock(tick=TICK)
    return made


def dead_times_of(state: CampaignState) -> list[float | None]:
    return [trial.observation.dead_s for trial in state.trials if trial.observation is not None]


def test_the_ledger_tells_how_long_the_instrument_waited_for_each_trial(night: Make) -> None:
    first, *others = dead_times_of(ticking(night).drive())
    assert first is None, "nothing was measured before it"
    assert len(others) == 4
    assert all(seconds is not None and 2 * TICK < seconds < 1.0 for seconds in others)


def test_waiting_for_a_person_is_left_out_of_it(night: Make) -> None:
    made = ticking(night, approval="always", budget={"trials": 3})

    def approve_after_a_minute() -> None:
        if made.clock.now() > asked + timedelta(minutes=len(made.executor.motions) + 1) and not made.ledger.commands("night"):
            made.order("approve")

    asked, made.clock.on_wait = made.clock.now(), approve_after_a_minute
    state = made.drive(waits=True)
    assert state.trial(3).observation is not None
    gap = state.trial(3).observation.started_at - state.trial(2).observation.finished_at  # type: ignore[union-attr]
    assert gap > timedelta(seconds=30)
    assert all(seconds is None or seconds < 1.0 for seconds in dead_times_of(state))


def test_after_an_attempt_that_broke_off_nobody_knows_how_long_it_was(night: Make) -> None:
    made = ticking(night)
    made.executor.outcomes = []
    settle = made.executor.settle

    def break_off_once(request: object, **how: object) -> object:
        if request.attempt_id == "night/3/1":  # type: ignore[attr-defined]
            return NotMeasured("the detector hung")
        return settle(request, **how)  # type: ignore[arg-type]

    made.executor.settle = break_off_once  # type: ignore[method-assign,assignment]
    dead = dead_times_of(made.drive())
    assert [seconds is None for seconds in dead] == [True, False, True, False, False]


def test_a_new_runner_does_not_count_the_time_before_it(night: Make) -> None:
    made = ticking(night)
    made.switch.is_pause_wanted = True
    made.drive()
    made.clock.wait(3600.0)
    made.order("resume")
    assert dead_times_of(made.drive())[0] is None


def test_a_clock_that_is_set_back_gives_no_negative_time() -> None:
    idling = Idling(since=EVENING)
    early = EVENING - timedelta(seconds=5)
    seen = Observation(trial=1, attempt=1, setpoint={}, readback={}, readings={}, started_at=early, finished_at=early)
    assert idling.over(seen).dead_s == 0.0


def evidence_after(night: Make, reading: float) -> Evidence:
    """Return the evidence of suggestion 9, thought ahead while trial 8 was measured, which then read ``reading``."""
    made = night(budget={"trials": 8})
    made.executor.measure = lambda point: reading if len(made.executor.motions) == 8 else -((float(point["x"]) - 3.0) ** 2)
    made.drive()
    server = AgentServer({"agent": BayesianAgent(BayesianAgent.Settings())}, STAGE_SPACE, made.judge.objectives())
    events = made.ledger.read("night")
    last_start = max(event.seq for event in events if event.type == "trial-started")
    server.sync(events[:last_start])
    server.prepare()
    server.sync(events[last_start:])
    return server.ask("agent").evidence


def test_a_reading_that_arrives_after_thinking_ahead_changes_the_next_suggestions_evidence(night: Make) -> None:
    low, high, again = (evidence_after(night, reading) for reading in (-20.0, 40.0, -20.0))
    assert low.model["n_prepared"] == high.model["n_prepared"] == 7, "the eighth reading was not known when it was thought ahead"
    assert {"prepare", "refine", "ask"} <= set(low.seconds)
    assert (low.predicted, low.acquisition, low.model) != (high.predicted, high.acquisition, high.model)
    assert (low.predicted, low.acquisition, low.model) == (again.predicted, again.acquisition, again.model)


@pytest.fixture(autouse=True)
def _noiseless(monkeypatch: pytest.MonkeyPatch) -> None:
    """The eighth reading alone tells two nights apart."""
    monkeypatch.setattr("orchestrator.testing.fakes.FakeExecutor.noise_sd", 0.0)
