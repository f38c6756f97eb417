"""A campaign's state as a fold over its ledger events. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol, assert_never

from orchestrator.domain import events as ev
from orchestrator.domain.campaign import CampaignState, Status, Trial, TrialStatus, first_value, keeps_limits
from orchestrator.domain.dose import expected_dose
from orchestrator.domain.objectives import with_units
from orchestrator.domain.parts import PartEvent, SampleSkipped, StageEnded, StageStarted, accept_failures, evolve_parts
from orchestrator.domain.records import Answer, Evidence, Objective, Observation, TrialKind, Verdict, gravest, where
from orchestrator.domain.upkeep import keep_up, shutter_open_s


class Recordable(Protocol):
    """A draft or a stored ledger event."""

    @property
    def at(self) -> datetime: ...

    @property
    def data(self) -> ev.LedgerData: ...


def create(first: Recordable, objectives: tuple[Objective, ...] = ()) -> CampaignState:
    """Return the state after a stream's first event."""
    if not isinstance(first.data, ev.CampaignCreated):
        raise ValueError(f"a campaign's first ledger event must be campaign-created, not {first.data.type}")
    return CampaignState(
        spec=first.data.spec,
        instrument=first.data.instrument,
        objectives=with_units(objectives, first.data.spec, first.data.instrument),
        seq=1,
        created_at=first.at,
        updated_at=first.at,
    )


def fold(events: Iterable[Recordable], objectives: tuple[Objective, ...] = ()) -> CampaignState:
    """Return the state after all events of a stream, in order."""
    iterator = iter(events)
    state = create(next(iterator), objectives)
    for event in iterator:
        state = evolve(state, event)
    return state


def evolve(state: CampaignState, event: Recordable) -> CampaignState:
    """Return the state after one more event."""
    return keep_up(state, _evolve(state, event), event)


def _evolve(state: CampaignState, event: Recordable) -> CampaignState:
    state = replace(state, seq=state.seq + 1, updated_at=event.at)
    match event.data:
        case ev.CampaignCreated():
            raise ValueError("campaign-created may only be a stream's first event")
        case ev.CampaignStarted() as data:
            state = replace(state, status=Status.RUNNING, reason="", started_at=event.at, going_since=event.at)
            return replace(state, ends_at=data.ends_at, start_positions=data.start_positions)
        case ev.CampaignAmended() as data:
            return replace(state, spec=data.spec, ends_at=data.ends_at)
        case ev.CampaignResumed() as data:
            return replace(_resume(state, data), going_since=event.at)
        case (
            ev.CampaignPaused()
            | ev.CampaignHeld()
            | ev.CampaignStopped()
            | ev.CampaignAborted()
            | ev.CampaignCompleted()
            | ev.CampaignFailed()
        ) as data:
            return replace(state, status=_STATUS_AFTER[data.type], reason=data.reason)
        case ev.TrialSuggested() as data:
            return _suggest(state, data, event.at)
        case ev.TrialKnown() as data:
            return _know(state, data, event.at)
        case ev.TrialReviewed() as data:
            return _review(state, data, event.at)
        case ev.TrialApproved() as data:
            return _change_trial(state, data.trial, status=TrialStatus.READY, note=data.note)
        case ev.TrialVetoed() as data:
            return replace(_drop(state, data.trial, TrialStatus.VETOED, data.note), fallback_next=data.use_fallback)
        case ev.TrialStarted() as data:
            n_tries = state.trial(data.trial).n_tries + 1
            state = _change_trial(state, data.trial, status=TrialStatus.STARTED, attempt=data.attempt, n_tries=n_tries, uses=data.uses)
            return replace(state, last_positions=None, n_vetoed_in_a_row=0)
        case ev.TrialMeasured() as data:
            trial = state.trial(data.trial)
            status, verdicts = TrialStatus.MEASURED if trial.is_judged else TrialStatus.DONE, trial.verdicts + _noteworthy(data.verdicts)
            state = _change_trial(state, data.trial, status=status, observation=data.observation, verdicts=verdicts)
            return replace(_spend(state, data.observation), open_trial=data.trial if trial.is_judged else None)
        case ev.TrialRemeasured() as data:
            trial = state.trial(data.trial)
            n_rejected = trial.n_rejected + int(data.rejected is not None)
            n_broken = trial.n_broken + int(data.rejected is None and not data.is_refused)
            state = _change_trial(state, data.trial, status=TrialStatus.READY, n_rejected=n_rejected, n_broken=n_broken)
            if data.rejected is not None:
                return _spend(state, data.rejected)
            return state if data.is_refused else _presume_spent(state, trial)
        case ev.TrialAwaiting() as data:
            return _await_analysis(state, data, event.at)
        case ev.TrialScored() as data:
            return _score(state, data)
        case ev.TrialFailed() as data:
            return _drop(state, data.trial, TrialStatus.FAILED, data.reason)
        case StageStarted() | StageEnded() | SampleSkipped() as data:
            return _tell_part(state, data, event.at)
        case ev.InterlockLost() as data:
            return replace(state, lost_interlocks=state.lost_interlocks | {data.interlock}, settling=_without(state, data.interlock))
        case ev.InterlockReturned(until=None) as data:
            return replace(state, lost_interlocks=state.lost_interlocks - {data.interlock}, settling=_without(state, data.interlock))
        case ev.InterlockReturned(until=until) as data:
            return replace(state, settling={**state.settling, data.interlock: until})
        case ev.AgentFailed() | ev.InstrumentSecured() | ev.LeaseTaken() | ev.NoteLeft():
            return state
        case (
            ev.LoggedIn() | ev.LoginRefused() | ev.KeyCreated() | ev.KeyRevoked() | ev.RequestRefused() | ev.SafeStopped() | ev.AlertSent()
        ):
            return state  # of the system stream, which is no campaign's
        case _:
            assert_never(event.data)


_STATUS_AFTER = {
    "campaign-paused": Status.PAUSED,
    "campaign-held": Status.HELD,
    "campaign-stopped": Status.STOPPED,
    "campaign-aborted": Status.ABORTED,
    "campaign-completed": Status.COMPLETED,
    "campaign-failed": Status.FAILED,
}


def _without(state: CampaignState, interlock: str) -> Mapping[str, datetime]:
    return {name: until for name, until in state.settling.items() if name != interlock}


def _resume(state: CampaignState, data: ev.CampaignResumed) -> CampaignState:
    """Forget what a person has now acknowledged: rejected attempts, vetoes in a row, and moved axes after a hold.

    A suggestion that was held is reviewed again; if it needs approval, that makes it wait once more.
    """
    last_positions = state.last_positions if data.keeps_positions and not _is_held(state) else None
    trial = state.current
    if trial is not None:
        status = TrialStatus.SUGGESTED if trial.status is TrialStatus.WAITING else trial.status
        state = _change_trial(state, trial.number, status=status, n_rejected=0, n_tries=0, n_broken=0)
    parts = state.parts if state.parts.running else accept_failures(state.parts)
    return replace(state, status=Status.RUNNING, reason=data.reason, last_positions=last_positions, n_vetoed_in_a_row=0, parts=parts)


def _is_held(state: CampaignState) -> bool:
    """Return whether a person has something to look into: the campaign is held, or a guardian holds its suggestion."""
    trial = state.current
    is_suggestion_held = trial is not None and trial.status is TrialStatus.WAITING and gravest(trial.verdicts) is Answer.HOLD
    return state.status is Status.HELD or is_suggestion_held


def _require_next(state: CampaignState, number: int) -> None:
    if number != len(state.trials) + 1:
        raise ValueError(f"trial {number} was suggested but trial {len(state.trials) + 1} comes next")


def _know(state: CampaignState, data: ev.TrialKnown, at: datetime) -> CampaignState:
    """Add a trial that was measured before: it is scored, may be the best, and is spent from no budget."""
    _require_next(state, data.trial)
    trial = Trial(
        number=data.trial,
        kind=TrialKind.EARLIER,
        point=data.point,
        agent="earlier",
        role="engine",
        based_on=state.seq - 1,
        evidence=Evidence(reason=data.source),
        suggested_at=at,
        status=TrialStatus.SCORED,
        observation=data.observation,
        score=data.score,
    )
    state = replace(state, trials=(*state.trials, trial), n_scored=state.n_scored + 1, n_earlier=state.n_earlier + 1)
    return replace(state, best=data.trial) if _beats_best(state, data.trial) else state


def _suggest(state: CampaignState, data: ev.TrialSuggested, at: datetime) -> CampaignState:
    _require_next(state, data.trial)
    trial = Trial(
        number=data.trial,
        kind=data.kind,
        point=data.point,
        agent=data.agent,
        role=data.role,
        based_on=data.based_on,
        evidence=data.evidence,
        suggested_at=at,
        routine=data.routine,
    )
    counted = 1 if data.kind.is_scored else 0
    return replace(state, trials=(*state.trials, trial), open_trial=data.trial, n_counted=state.n_counted + counted, fallback_next=False)


def _review(state: CampaignState, data: ev.TrialReviewed, at: datetime) -> CampaignState:
    answer = gravest(data.verdicts)
    verdicts = state.trial(data.trial).verdicts + _noteworthy(data.verdicts)
    if answer in (Answer.VETO, Answer.PAUSE, Answer.STOP):
        reason = next(verdict.reason for verdict in data.verdicts if verdict.answer is answer)
        return _drop(_change_trial(state, data.trial, verdicts=verdicts), data.trial, TrialStatus.VETOED, reason)
    if answer is Answer.HOLD or data.needs_approval:
        return _change_trial(state, data.trial, verdicts=verdicts, status=TrialStatus.WAITING, waiting_since=at)
    return _change_trial(state, data.trial, verdicts=verdicts, status=TrialStatus.READY)


def _noteworthy(verdicts: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
    return tuple(verdict for verdict in verdicts if verdict.answer is not Answer.ALLOW)


def _drop(state: CampaignState, number: int, status: TrialStatus, note: str) -> CampaignState:
    """End a trial that gives no score. It does not count against ``budget.trials`` unless it was started."""
    trial = state.trial(number)
    is_free = trial.attempt == 0 and trial.kind.is_scored
    vetoed = 1 if status is TrialStatus.VETOED else 0
    return replace(
        _change_trial(state, number, status=status, note=note),
        open_trial=None if state.open_trial == number else state.open_trial,
        awaiting=state.awaiting - {number},
        n_counted=state.n_counted - int(is_free),
        n_vetoed_in_a_row=state.n_vetoed_in_a_row + vetoed,
    )


def _spend(state: CampaignState, observation: Observation) -> CampaignState:
    return replace(
        state,
        exposure_s=state.exposure_s + observation.exposure_s,
        dose=state.dose + (observation.dose or 0.0),
        last_positions=where(observation) if _still_stands(state, observation) else None,
    )


def _presume_spent(state: CampaignState, trial: Trial) -> CampaignState:
    """Count a broken attempt as exposed to its end: nobody knows how far it came, and the sample may have had all of it."""
    exposure_s = shutter_open_s(state, trial)
    return replace(state, exposure_s=state.exposure_s + exposure_s, dose=state.dose + expected_dose(state, exposure_s))


def _still_stands(state: CampaignState, observation: Observation) -> bool:
    """Return whether the axes are where the observation left them: devices that die with their process start afresh."""
    return state.instrument.has_second_connection or not observation.is_adopted


def _tell_part(state: CampaignState, data: PartEvent, at: datetime) -> CampaignState:
    state = replace(state, parts=evolve_parts(state.parts, data, at))
    if not isinstance(data, StageEnded):
        return state
    return replace(
        state, n_counted=state.n_counted + data.trials, exposure_s=state.exposure_s + data.exposure_s, dose=state.dose + data.dose
    )


def _await_analysis(state: CampaignState, data: ev.TrialAwaiting, at: datetime) -> CampaignState:
    trial = state.trial(data.trial)
    known = {**trial.known, **data.known}
    since = trial.awaiting_since or at
    return replace(
        _change_trial(state, data.trial, status=TrialStatus.AWAITING, known=known, awaiting_since=since),
        open_trial=None if state.open_trial == data.trial else state.open_trial,
        awaiting=state.awaiting | {data.trial},
    )


def _score(state: CampaignState, data: ev.TrialScored) -> CampaignState:
    trial = state.trial(data.trial)
    is_first_score = trial.score is None
    note = "" if trial.status is TrialStatus.FAILED else trial.note  # an answer that came after all
    state = _change_trial(state, data.trial, status=TrialStatus.SCORED, score=data.score, note=note)
    state = replace(
        state,
        open_trial=None if state.open_trial == data.trial else state.open_trial,
        awaiting=state.awaiting - {data.trial},
        n_scored=state.n_scored + int(is_first_score and trial.kind.is_scored),
    )
    if not trial.kind.is_scored or not state.objectives:
        return state
    if not is_first_score:
        best = _best_of(state)
        return replace(state, best=best, n_since_best=_n_scored_after(state, best))
    if _beats_best(state, data.trial):
        return replace(state, best=data.trial, n_since_best=0)
    return replace(state, n_since_best=state.n_since_best + 1)


def _n_scored_after(state: CampaignState, number: int | None) -> int:
    """Return how many scored trials came after the best one."""
    if number is None:
        return 0
    return sum(trial.score is not None and trial.kind.is_scored for trial in state.trials[number:])


def _beats_best(state: CampaignState, number: int) -> bool:
    trial, best = state.trial(number), state.best_trial
    value = first_value(trial, state.objectives)
    if value is None or not keeps_limits(trial, state.spec.limits):
        return False
    if best is None:
        return True
    incumbent = first_value(best, state.objectives)
    return incumbent is None or state.objectives[0].is_better(value, incumbent)


def _best_of(state: CampaignState) -> int | None:
    objective = state.objectives[0]
    sign = 1.0 if objective.goal == "maximise" else -1.0
    scored = [
        (sign * value, -trial.number)
        for trial in state.trials
        if trial.kind.is_scored and (value := first_value(trial, state.objectives)) is not None and keeps_limits(trial, state.spec.limits)
    ]
    return -max(scored)[1] if scored else None


def _change_trial(state: CampaignState, number: int, **changes: object) -> CampaignState:
    changed = replace(state.trial(number), **changes)  # pyright: ignore[reportArgumentType]  (replace checks names at run time)
    return replace(state, trials=(*state.trials[: number - 1], changed, *state.trials[number:]))
