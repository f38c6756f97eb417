"""The engine's decisions, as a pure function of state and time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from orchestrator.domain import events as ev
from orchestrator.domain.campaign import CampaignState, Status
from orchestrator.domain.events import Draft
from orchestrator.domain.folding import fold
from orchestrator.domain.records import Answer, BelievedBest, Evidence, Objective, ObjectiveScore, Observation, Score, TrialKind, Verdict
from orchestrator.domain.spec import CampaignSpec
from orchestrator.engine import actions as act
from orchestrator.engine.next_action import next_action
from orchestrator.testing.fakes import EVENING, STAGE

MAXIMISE = (Objective(name="counts", goal="maximise"),)


def spec(**changes: object) -> CampaignSpec:
    written = {"name": "night", "instrument": "fake", "reward": {"signal": "counts"}, "budget": {"trials": 3}, **changes}
    return CampaignSpec.model_validate(written)


def state(*events: object, **changes: object) -> CampaignState:
    first = (ev.CampaignCreated(spec=spec(**changes), instrument=STAGE), ev.CampaignStarted(start_positions={"x": 1.0}))
    return fold([Draft(at=EVENING, actor="test", data=data) for data in (*first, *events)], MAXIMISE)


def suggested(trial: int = 1, **changes: object) -> ev.TrialSuggested:
    return ev.TrialSuggested(**{"trial": trial, "point": {"x": 2.0}, "agent": "random", "based_on": 2, **changes})


def reviewed(trial: int = 1, answer: Answer = Answer.ALLOW, **changes: object) -> ev.TrialReviewed:
    return ev.TrialReviewed(trial=trial, verdicts=(Verdict(guardian="limits", answer=answer, reason="because"),), **changes)


def measured(trial: int = 1, attempt: int = 1) -> ev.TrialMeasured:
    observation = Observation(
        trial=trial,
        attempt=attempt,
        setpoint={"x": 2.0},
        readback={"x": 2.0},
        readings={"counts": 1.0},
        started_at=EVENING,
        finished_at=EVENING,
    )
    return ev.TrialMeasured(trial=trial, observation=observation)


def scored(trial: int = 1, value: float = 1.0) -> ev.TrialScored:
    return ev.TrialScored(trial=trial, score=Score(objectives={"counts": ObjectiveScore(value=value)}))


def whole(trial: int, value: float = 1.0, **suggestion: object) -> tuple[object, ...]:
    return (suggested(trial, **suggestion), reviewed(trial), ev.TrialStarted(trial=trial, attempt=1), measured(trial), scored(trial, value))


def test_a_new_campaign_begins() -> None:
    created = Draft(at=EVENING, actor="test", data=ev.CampaignCreated(spec=spec(), instrument=STAGE))
    assert next_action(fold([created]), EVENING) == act.Begin()


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((), act.Ask("agent")),
        ((suggested(),), act.Review(1)),
        ((suggested(), reviewed()), act.Measure(1, 1)),
        ((suggested(), reviewed(needs_approval=True)), act.AwaitApproval(1, None)),
        ((suggested(), reviewed(answer=Answer.HOLD)), act.AwaitApproval(1, None)),
        ((suggested(), reviewed(needs_approval=True), ev.TrialApproved(trial=1)), act.Measure(1, 1)),
        ((suggested(), reviewed(answer=Answer.VETO)), act.Ask("agent")),
        ((suggested(), reviewed(), ev.TrialStarted(trial=1, attempt=1)), act.Resettle(1, 1)),
        ((suggested(), reviewed(), ev.TrialStarted(trial=1, attempt=1), measured()), act.Score(1)),
        (whole(1), act.Ask("agent")),
        ((*whole(1), ev.CampaignPaused()), act.AwaitPerson()),
        ((*whole(1), ev.CampaignStopped()), act.Leave()),
        ((suggested(), reviewed(), ev.InterlockLost(interlock="beam")), act.AwaitInterlocks()),
        ((suggested(), ev.TrialVetoed(trial=1, is_timeout=True, use_fallback=True)), act.Ask("fallback")),
    ],
)
def test_each_step_of_a_trial_is_followed_by_the_next(events: tuple[object, ...], expected: act.Action) -> None:
    assert next_action(state(*events), EVENING) == expected


def test_a_rejected_attempt_is_followed_by_the_next_one() -> None:
    events = (suggested(), reviewed(), ev.TrialStarted(trial=1, attempt=1), ev.TrialRemeasured(trial=1, attempt=1, reason="dump"))
    assert next_action(state(*events), EVENING) == act.Measure(1, 2)


def test_too_many_attempts_hold_for_a_person_and_resuming_allows_more() -> None:
    tries = [
        event
        for attempt in (1, 2)
        for event in (ev.TrialStarted(trial=1, attempt=attempt), ev.TrialRemeasured(trial=1, attempt=attempt, reason="dump"))
    ]
    tired = state(suggested(), reviewed(), *tries, max_attempts=2)
    action = next_action(tired, EVENING)
    assert isinstance(action, act.Hold)
    assert "trial 1" in action.reason
    resumed = state(suggested(), reviewed(), *tries, ev.CampaignHeld(reason="tired"), ev.CampaignResumed(), max_attempts=2)
    assert next_action(resumed, EVENING) == act.Measure(1, 3)


def test_the_trial_budget_ends_the_campaign() -> None:
    action = next_action(state(*whole(1), *whole(2), *whole(3)), EVENING)
    assert isinstance(action, act.Complete)
    assert "3 trials" in action.reason


def test_a_vetoed_suggestion_does_not_cost_a_trial() -> None:
    events = (suggested(1), reviewed(1, Answer.VETO), *whole(2), *whole(3))
    assert next_action(state(*events), EVENING) == act.Ask("agent")


def test_five_vetoes_in_a_row_pause_the_campaign() -> None:
    vetoes = [event for trial in range(1, 6) for event in (suggested(trial), reviewed(trial, Answer.VETO))]
    action = next_action(state(*vetoes, budget={"trials": 50}), EVENING)
    assert isinstance(action, act.Pause)
    assert next_action(state(*vetoes[:-2], budget={"trials": 50}), EVENING) == act.Ask("agent")


def test_reaching_the_target_ends_the_campaign() -> None:
    action = next_action(state(*whole(1, value=9.0), stop={"target": 8.5}), EVENING)
    assert isinstance(action, act.Complete)
    assert "8.5" in action.reason
    assert next_action(state(*whole(1, value=8.4), stop={"target": 8.5}), EVENING) == act.Ask("agent")


def test_no_improvement_ends_the_campaign() -> None:
    flat = state(*whole(1, value=2.0), *whole(2, value=1.0), *whole(3, value=1.5), stop={"no_improvement": 2}, budget={"trials": 9})
    assert isinstance(next_action(flat, EVENING), act.Complete)


def test_time_over_drops_a_trial_that_was_not_started() -> None:
    late = replace(state(suggested(), reviewed()), ends_at=EVENING)
    assert isinstance(next_action(late, EVENING), act.GiveUp)
    assert next_action(late, EVENING - timedelta(seconds=1)) == act.Measure(1, 1)


def test_the_exposure_budget_has_no_room_for_a_trial_that_would_overrun_it() -> None:
    long = {"measure": {"exposure": 10}, "budget": {"exposure": 25}}
    spent = replace(state(*whole(1), **long), exposure_s=20.0)
    assert isinstance(next_action(spent, EVENING), act.Complete)
    assert next_action(replace(spent, exposure_s=15.0), EVENING) == act.Ask("agent")


@pytest.mark.parametrize(("on_finish", "point"), [("best", {"x": 2.0}), ("start", {"x": 1.0})])
def test_on_finish_moves_once_and_then_completes(on_finish: str, point: dict[str, float]) -> None:
    settings = {"on_finish": on_finish, "budget": {"trials": 1}}
    assert next_action(state(*whole(1), **settings), EVENING) == act.MoveAtEnd(point)
    moved = (*whole(1), suggested(2, kind=TrialKind.FINISH), reviewed(2), ev.TrialStarted(trial=2, attempt=1), measured(2))
    assert isinstance(next_action(state(*moved, **settings), EVENING), act.Complete)


def test_on_finish_believed_goes_where_the_last_model_believed_the_best_and_without_one_to_the_best() -> None:
    settings = {"on_finish": "believed", "budget": {"trials": 3}}
    told = Evidence(believed_best=BelievedBest(trial=1, mean=2.0, sd=0.1))
    lucky = (*whole(1, 2.0, point={"x": 5.0}), *whole(2, 9.0), *whole(3, 1.0))
    assert next_action(state(*lucky, **settings), EVENING) == act.MoveAtEnd({"x": 2.0})
    believing = (*whole(1, 2.0, point={"x": 5.0}), *whole(2, 9.0), *whole(3, 1.0, evidence=told))
    assert next_action(state(*believing, **settings), EVENING) == act.MoveAtEnd({"x": 5.0})


def test_an_approval_expires_at_its_time() -> None:
    waiting = state(suggested(), reviewed(needs_approval=True), approval={"mode": "always", "timeout": 60})
    assert next_action(waiting, EVENING + timedelta(seconds=59)) == act.AwaitApproval(1, EVENING + timedelta(seconds=60))
    assert next_action(waiting, EVENING + timedelta(seconds=60)) == act.ExpireApproval(1)


def test_trials_that_await_analysis_do_not_keep_the_next_one_waiting() -> None:
    events = (suggested(), reviewed(), ev.TrialStarted(trial=1, attempt=1), measured(), ev.TrialAwaiting(trial=1))
    assert next_action(state(*events), EVENING) == act.Ask("agent")
    assert next_action(state(*events, budget={"trials": 1}), EVENING) == act.AwaitAnswers()


def test_a_final_campaign_is_left_alone() -> None:
    assert state(ev.CampaignAborted()).status is Status.ABORTED
    assert next_action(state(ev.CampaignAborted()), EVENING) == act.Leave()
