"""Whole nights under fakes: the real loop, the real fold, a ledger in memory, no hardware and no waiting."""

import contextlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from orchestrator.domain import events as ev
from orchestrator.domain.campaign import Status, TrialStatus
from orchestrator.domain.errors import AgentError, InstrumentError, LeaseLost, LedgerFull, RewardError
from orchestrator.domain.events import Draft, LedgerEvent
from orchestrator.domain.folding import fold
from orchestrator.domain.history import History
from orchestrator.domain.ports import Holder, InstrumentStatus, NotMeasured, Refused, Unknown
from orchestrator.domain.records import Answer, Breach, ObjectiveScore, Observation, Suggestion, TrialKind
from orchestrator.engine.meanings import end_time
from orchestrator.testing.fakes import (
    EVENING,
    STAGE,
    InProcessAgentHost,
)
from tests.unit.engine.conftest import Night, Strict, Uniform


class Failing(Uniform):
    def ask(self, history: History) -> Suggestion:
        raise AgentError("the model is not positive definite")


def test_a_campaign_runs_to_the_end_of_its_budget(night: Callable[..., Night]) -> None:
    made = night()
    state = made.drive()
    assert state.status is Status.COMPLETED
    assert [trial.status for trial in state.trials] == [TrialStatus.SCORED] * 5
    assert made.executor.motions == [f"night/{trial}/1" for trial in range(1, 6)]


def test_a_motion_is_recorded_before_it_happens(night: Callable[..., Night]) -> None:
    made = night()
    seen: list[tuple[str, ...]] = []

    def look(point: object) -> float:
        seen.append(tuple(made.types()))
        return 0.0

    made.executor.measure = look
    made.drive()
    assert all(types[-1] == "trial-started" for types in seen)


def test_an_unattended_trial_costs_two_transactions(night: Callable[..., Night]) -> None:
    made = night(budget={"trials": 4})
    appends: list[int] = []
    original = made.ledger.append

    def counted(*args: object, **kwargs: object) -> object:
        appends.append(1)
        return original(*args, **kwargs)  # type: ignore[arg-type]

    made.ledger.append = counted  # type: ignore[method-assign,assignment]
    made.drive()
    created, started = 1, 1
    assert len(appends) == 2 * 4 + created + started, "the last score is stored together with the end"


def test_a_score_becomes_durable_while_the_agent_thinks_and_not_before_it_was_asked(night: Callable[..., Night]) -> None:
    made = night(budget={"trials": 3})
    asked: list[tuple[int, str]] = []

    class Watching(Uniform):
        def ask(self, history: History) -> Suggestion:
            asked.append((sum(1 for _ in history.scored()), made.types()[-1]))
            return super().ask(history)

    original = InProcessAgentHost.ask

    def ask_first(host: InProcessAgentHost, role: str, meanwhile: Callable[[], None] | None = None) -> Suggestion:
        suggestion = original(host, role)  # type: ignore[arg-type]
        assert meanwhile is not None
        meanwhile()
        return suggestion

    made.agent = Watching()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(InProcessAgentHost, "ask", ask_first)
        state = made.drive()
    assert asked == [(0, "campaign-started"), (1, "trial-started"), (2, "trial-started")]
    assert state.n_scored == 3


def test_agents_see_what_will_be_read_back_and_never_twice(night: Callable[..., Night]) -> None:
    made = night(budget={"trials": 3})
    shown: list[object] = []
    original = InProcessAgentHost.sync

    def sync(host: InProcessAgentHost, events: Sequence[LedgerEvent | Draft]) -> None:
        shown.extend(event.data for event in events)
        original(host, events)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(InProcessAgentHost, "sync", sync)
        made.drive()
    stored = [event.data for event in made.ledger.read("night")]
    assert shown == stored[: len(shown)]
    assert len(shown) > len(stored) - 4, "all but what followed the last suggestion's start"


def test_a_crash_after_the_intent_and_before_the_motion_is_retried_under_the_same_start(night: Callable[..., Night]) -> None:
    made, uninterrupted = night(), night()
    points = [trial.point for trial in uninterrupted.drive().trials]

    def crash(*args: object, **kwargs: object) -> object:
        raise KeyboardInterrupt

    settle, made.executor.settle = made.executor.settle, crash  # type: ignore[method-assign,assignment]
    with pytest.raises(KeyboardInterrupt):
        made.drive()
    made.executor.settle = settle  # type: ignore[method-assign]
    state = made.drive()
    assert [trial.point for trial in state.trials] == points
    assert made.executor.motions == [f"night/{trial}/1" for trial in range(1, 6)]
    assert "trial-remeasured" not in made.types()


def test_a_finished_run_is_adopted_and_never_repeated(night: Callable[..., Night]) -> None:
    made = night()
    settle = made.executor.settle

    def measure_then_crash(*args: object, **kwargs: object) -> object:
        settle(*args, **kwargs)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    made.executor.settle = measure_then_crash  # type: ignore[method-assign,assignment]
    with pytest.raises(KeyboardInterrupt):
        made.drive()
    made.executor.settle = settle  # type: ignore[method-assign]
    state = made.drive()
    assert made.executor.motions == [f"night/{trial}/1" for trial in range(1, 6)]
    assert state.trial(1).observation is not None
    assert state.trial(1).observation.is_adopted


@pytest.mark.parametrize(("policy", "status"), [("remeasure", Status.COMPLETED), ("hold", Status.HELD)])
def test_an_attempt_of_unknown_fate_follows_the_policy(night: Callable[..., Night], policy: str, status: Status) -> None:
    made = night(on_ambiguous=policy)
    made.executor.outcomes = [Unknown("begun before the crash")]
    state = made.drive()
    assert state.status is status
    if policy == "remeasure":
        assert state.trial(1).attempt == 2
        return
    assert made.executor.motions == []
    resumed = made.drive()
    assert resumed.status is Status.COMPLETED
    assert made.executor.motions[0] == "night/1/2"


def test_a_failed_attempt_is_measured_again_on_record(night: Callable[..., Night]) -> None:
    made = night()
    made.executor.outcomes = [NotMeasured("the motor stalled at x = 3.1 mm")]
    state = made.drive()
    assert state.trial(1).attempt == 2
    assert made.types().count("trial-suggested") == 5


def test_a_lost_beam_is_waited_for_and_nothing_moves_meanwhile(night: Callable[..., Night]) -> None:
    made = night(budget={"trials": 1})
    made.executor.lost["beam"] = Breach(interlock="beam", value=0.0, at=EVENING)
    waits: list[int] = []

    def return_after_three() -> None:
        waits.append(len(made.executor.motions))
        if len(waits) == 3:
            made.executor.lost.clear()

    made.clock.on_wait = return_after_three
    state = made.drive()
    assert state.status is Status.COMPLETED
    assert waits[:3] == [0, 0, 0]
    assert [kind for kind in made.types() if kind.startswith("interlock")] == ["interlock-lost", "interlock-returned"]


def test_a_beam_lost_between_review_and_motion_costs_a_start_and_no_motion(night: Callable[..., Night]) -> None:
    made = night(budget={"trials": 1})
    made.executor.outcomes = [Refused("beam is lost", (Breach(interlock="beam", value=0.0, at=EVENING),))]
    state = made.drive()
    assert state.trial(1).attempt == 2
    assert made.executor.motions == ["night/1/2"]
    assert [kind for kind in made.types() if kind.startswith("interlock")] == ["interlock-lost", "interlock-returned"]


def test_a_rejected_reading_is_never_scored(night: Callable[..., Night]) -> None:
    made = night(max_attempts=2)
    made.guardians["strict"] = Strict(inspect=Answer.REMEASURE)
    state = made.drive()
    assert state.status is Status.HELD
    assert "trial-scored" not in made.types()
    assert "trial-measured" not in made.types()


def test_five_vetoes_pause_and_nothing_moves(night: Callable[..., Night]) -> None:
    made = night()
    made.guardians["strict"] = Strict(review=Answer.VETO)
    state = made.drive()
    assert state.status is Status.PAUSED
    assert made.executor.motions == []
    assert len(state.trials) == 5


def test_a_guardian_can_stop_the_campaign(night: Callable[..., Night]) -> None:
    made = night()
    made.guardians["strict"] = Strict(review=Answer.STOP)
    assert made.drive().status is Status.STOPPED
    assert made.executor.secured == ["stopped"]


def test_a_failing_agent_is_replaced_by_the_fallback_on_record(night: Callable[..., Night]) -> None:
    made = night()
    made.agent = Failing()
    state = made.drive()
    assert state.status is Status.COMPLETED
    assert {trial.role for trial in state.trials} == {"fallback"}
    assert made.types().count("agent-failed") == 5


def test_an_observation_that_cannot_be_judged_fails_its_trial_only(night: Callable[..., Night]) -> None:
    made = night()
    score = made.judge.rewards["counts"].score

    def fail_once(observation: Observation, arrays: object) -> ObjectiveScore | None:
        if observation.trial == 2:
            raise RewardError("signal counts has no value in trial 2")
        return score(observation, arrays)  # type: ignore[arg-type]

    made.judge.rewards["counts"].score = fail_once  # type: ignore[method-assign]
    state = made.drive()
    assert state.status is Status.COMPLETED
    assert state.trial(2).status is TrialStatus.FAILED


def test_an_approval_waits_and_is_bound_to_its_suggestion(night: Callable[..., Night]) -> None:
    made = night(approval="always", budget={"trials": 1})
    assert made.drive().shown_status is Status.HELD
    assert made.executor.motions == []
    made.order("approve")
    state = made.drive(waits=True)
    assert state.status is Status.COMPLETED
    approved = next(event.data for event in made.ledger.read("night") if isinstance(event.data, ev.TrialApproved))
    assert approved.suggestion_hash == ev.suggestion_hash(1, state.trial(1).point)


def test_an_approval_that_nobody_gives_never_becomes_one(night: Callable[..., Night]) -> None:
    made = night(approval={"mode": "always", "timeout": 30, "on_timeout": "pause"}, budget={"trials": 1})
    orders = iter([None] * 200)
    made.clock.on_wait = lambda: made.order("abort") if next(orders, "done") == "done" else None
    state = made.drive(waits=True)
    assert state.status is Status.ABORTED
    assert "campaign-paused" in made.types()
    assert made.executor.motions == []


def test_pause_and_resume_from_another_terminal(night: Callable[..., Night]) -> None:
    made = night()
    made.order("pause", note="top-up")
    made.clock.on_wait = lambda: made.order("resume") if made.types()[-1] == "campaign-paused" else None
    state = made.drive(waits=True)
    assert state.status is Status.COMPLETED
    paused = next(event for event in made.ledger.read("night") if event.type == "campaign-paused")
    assert paused.actor == "human:anna"
    assert paused.data == ev.CampaignPaused(reason="top-up")


def test_a_stopped_campaign_can_be_resumed_and_an_aborted_one_cannot(night: Callable[..., Night]) -> None:
    made = night()
    made.order("stop")
    assert made.drive().status is Status.STOPPED
    assert made.drive().status is Status.COMPLETED
    made.order("abort")
    assert made.drive().status is Status.COMPLETED


@pytest.mark.parametrize(("is_ordered", "status"), [(True, Status.STOPPED), (False, Status.FAILED)])
def test_an_instrument_killed_between_trials_ends_the_night_as_ordered(
    night: Callable[..., Night], is_ordered: bool, status: Status
) -> None:
    """Safe-stop orders the stop and kills the instrument's process in one breath; the loop may meet the corpse first."""
    made = night()
    alive = made.executor.status

    def die() -> InstrumentStatus:
        if "trial-scored" not in made.types():
            return alive()
        if is_ordered:
            made.order("stop")
        raise InstrumentError("the instrument process is gone")

    made.executor.status = die  # type: ignore[method-assign]
    with contextlib.nullcontext() if is_ordered else pytest.raises(InstrumentError):
        made.drive()
    assert made.types()[-1] == ("instrument-secured" if is_ordered else "campaign-failed")
    assert fold(made.ledger.read("night")).status is status


def test_a_second_writer_ends_the_first_without_touching_the_instrument(night: Callable[..., Night]) -> None:
    made = night()

    def take_over(point: object) -> float:
        made.ledger.acquire("campaign:night", Holder("here", 2, 0.0, "boot"), ttl=10.0, take_over=True)
        return 0.0

    made.executor.measure = take_over
    with pytest.raises(LeaseLost):
        made.drive()
    assert made.executor.secured == []
    assert "trial-measured" not in made.types()


def test_an_error_makes_the_instrument_safe_and_is_on_record(night: Callable[..., Night]) -> None:
    made = night()
    made.executor.outcomes = ["nonsense"]  # type: ignore[list-item]
    made.executor.settle = lambda *args, **kwargs: 1 / 0  # type: ignore[method-assign,assignment]
    with pytest.raises(ZeroDivisionError):
        made.drive()
    assert made.executor.secured == ["campaign-failed"]
    assert made.types()[-1] == "campaign-failed"


def test_a_full_disk_pauses_the_campaign_with_the_instrument_safe_and_it_goes_on_once_there_is_space(night: Callable[..., Night]) -> None:
    made, uninterrupted = night(), night()
    points = [trial.point for trial in uninterrupted.drive().trials]
    append = made.ledger.append

    def full_once(*args: object, **kwargs: object) -> object:
        if "trial-scored" in made.types():
            made.ledger.append = append  # type: ignore[method-assign]
            raise LedgerFull("the disk holding the ledger is full")
        return append(*args, **kwargs)  # type: ignore[arg-type]

    made.ledger.append = full_once  # type: ignore[method-assign,assignment]
    with pytest.raises(LedgerFull):
        made.drive()
    assert made.types()[-2:] == ["instrument-secured", "campaign-paused"]
    state = made.drive()
    assert state.status is Status.COMPLETED
    assert [trial.point for trial in state.trials] == points


def test_on_finish_best_is_a_reviewed_and_recorded_motion(night: Callable[..., Night]) -> None:
    made = night(on_finish="best")
    state = made.drive()
    assert state.trials[-1].kind is TrialKind.FINISH
    assert state.best_trial is not None
    assert state.trials[-1].point == state.best_trial.point
    assert made.executor.motions[-1] == "night/6/1"


def test_until_is_the_next_such_time_of_day(night: Callable[..., Night]) -> None:
    made = night(budget={"until": "07:30"})
    created = ev.Draft(at=EVENING, actor="test", data=ev.CampaignCreated(spec=made.spec, instrument=STAGE))
    from orchestrator.domain.folding import create

    now = datetime(2026, 3, 1, 20, 0, tzinfo=UTC).astimezone()
    end = end_time(create(created).spec.budget, now, now)
    assert end is not None
    assert (end.hour, end.minute) == (7, 30)
    assert 0 < (end - now).total_seconds() <= 24 * 3600


def test_a_rejected_reading_is_news_on_the_screen(night: Callable[..., Night]) -> None:
    made = night(budget={"trials": 1})
    made.executor.outcomes = [NotMeasured("the motor stalled at x = 3.1 mm")]
    made.drive()
    assert made.live.news == ["trial 1 does not count (attempt 1): the motor stalled at x = 3.1 mm"]
