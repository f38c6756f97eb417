"""What to do next: a pure function of the campaign's state and the time."""

from datetime import datetime, timedelta
from typing import assert_never

from orchestrator.domain.analysis import is_full, overdue
from orchestrator.domain.base import Point
from orchestrator.domain.campaign import CampaignState, Status, Trial, TrialStatus
from orchestrator.domain.ending import why_finish
from orchestrator.domain.records import Later, TrialKind
from orchestrator.engine import actions as act
from orchestrator.engine.keeping_up import keep_up, keep_up_before

MAX_VETOES_IN_A_ROW = 5


def next_action(state: CampaignState, now: datetime) -> act.Action:
    """Return the engine's next action."""
    match state.status:
        case Status.CREATED:
            return act.Begin()
        case Status.PAUSED | Status.HELD:
            return act.AwaitPerson()
        case Status.STOPPED | Status.ABORTED | Status.COMPLETED | Status.FAILED:
            return act.Leave()
        case Status.RUNNING:
            return _run(state, now)
        case _:
            assert_never(state.status)


def _run(state: CampaignState, now: datetime) -> act.Action:
    if state.current is not None:
        return _carry_on(state, state.current, now)
    late = overdue(state, now)
    if late is not None:
        return _without_analysis(*late)
    if state.n_vetoed_in_a_row >= MAX_VETOES_IN_A_ROW:
        return act.Pause(f"{state.n_vetoed_in_a_row} suggestions in a row were vetoed; look at the guardians, then resume")
    reason = why_finish(state, now)
    if reason is not None:
        return _finish(state, reason)
    upkeep = keep_up(state, now)
    if upkeep is not None:
        return upkeep
    if is_full(state):
        return act.AwaitAnswers()
    return act.Ask("fallback" if state.fallback_next else "agent")


def _without_analysis(trial: Trial, later: Later) -> act.Action:
    """Return what silence means, once a trial's analysis has had its time."""
    silent = f"the analysis of trial {trial.number} did not answer within {later.timeout:g} s"
    if later.on_timeout == "hold":
        return act.Hold(f"{silent}; look at the analysis, then resume: it is given as long again")
    return act.GiveUp(trial.number, f"{silent}; an answer is still taken while the campaign lives")


def _carry_on(state: CampaignState, trial: Trial, now: datetime) -> act.Action:
    """Return the next step of the trial the engine is busy with."""
    match trial.status:
        case TrialStatus.SUGGESTED:
            return act.Review(trial.number)
        case TrialStatus.WAITING:
            return _await_approval(state, trial, now)
        case TrialStatus.READY:
            return _start(state, trial, now)
        case TrialStatus.STARTED:
            return act.Resettle(trial.number, trial.attempt)
        case TrialStatus.MEASURED:
            return act.Score(trial.number)
        case TrialStatus.DONE | TrialStatus.AWAITING | TrialStatus.SCORED | TrialStatus.VETOED | TrialStatus.FAILED:
            raise AssertionError(f"trial {trial.number} is {trial.status} and cannot be open")
        case _:
            assert_never(trial.status)


def _await_approval(state: CampaignState, trial: Trial, now: datetime) -> act.Action:
    timeout = state.spec.approval.timeout
    if timeout is None or trial.waiting_since is None:
        return act.AwaitApproval(trial.number, None)
    until = trial.waiting_since + timedelta(seconds=timeout)
    return act.ExpireApproval(trial.number) if now >= until else act.AwaitApproval(trial.number, until)


def _start(state: CampaignState, trial: Trial, now: datetime) -> act.Action:
    if state.ends_at is not None and now >= state.ends_at and trial.kind is not TrialKind.FINISH:
        return act.GiveUp(trial.number, "the campaign's time was over before it could be measured")
    if state.lost_interlocks:
        return act.AwaitInterlocks()
    upkeep = keep_up_before(state, trial, now)
    if upkeep is not None:
        return upkeep
    if trial.n_tries >= state.spec.max_attempts:
        return act.Hold(f"trial {trial.number} gave no good reading in {trial.n_tries} attempts; look at the instrument, then resume")
    return act.Measure(trial.number, trial.attempt + 1)


def _finish(state: CampaignState, reason: str) -> act.Action:
    if state.awaiting:
        return act.AwaitAnswers()
    point = final_point(state)
    if point is not None and not _has_moved_at_end(state):
        return act.MoveAtEnd(point)
    return act.Complete(reason)


def _has_moved_at_end(state: CampaignState) -> bool:
    return bool(state.trials) and state.trials[-1].kind is TrialKind.FINISH


def _believed_best(state: CampaignState) -> Point | None:
    """Return the place the last decision's model believed best; without a model the best one."""
    believed = None if state.believing_trial is None else state.believing_trial.evidence.believed_best
    trial = state.best_trial if believed is None else state.trial(believed.trial)
    return None if trial is None else trial.point


def final_point(state: CampaignState) -> Point | None:
    """Return where ``on_finish`` leaves the instrument; None to stay."""
    match state.spec.on_finish:
        case "stay":
            return None
        case "best":
            return None if state.best_trial is None else state.best_trial.point
        case "believed":
            return _believed_best(state)
        case "start":
            return dict(state.start_positions) or None
        case "park":
            return {name: axis.park for name, axis in state.instrument.axes.items() if axis.park is not None} or None
        case _:
            assert_never(state.spec.on_finish)
