"""What a person's command amounts to: ledger events, or a refusal that says what can be done instead. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import assert_never, cast

from pydantic import TypeAdapter, ValidationError

from orchestrator.domain import events as ev
from orchestrator.domain.access import Role
from orchestrator.domain.base import BUILT_WHEN_USED, Point
from orchestrator.domain.campaign import CampaignState, Status, Trial, TrialStatus
from orchestrator.domain.changes import Change, SetBudget, changed, in_words, widens
from orchestrator.domain.errors import BadInput, NotAllowed, StaleApproval, WrongState
from orchestrator.domain.ports import Command
from orchestrator.domain.records import ASKED_FOR, Evidence, TrialKind
from orchestrator.domain.samples import SamplesSpec
from orchestrator.domain.space import show_point
from orchestrator.domain.spec import Budget
from orchestrator.engine.answers import answer_in_words, answer_meaning
from orchestrator.engine.skipping import skip_meaning

Meaning = tuple[ev.LedgerData, ...]

_CHANGE: TypeAdapter[Change] = TypeAdapter(Change, config=BUILT_WHEN_USED)


def meaning(command: Command, state: CampaignState) -> Meaning:
    """Return the ledger events a command amounts to now.

    Raises:
        WrongState: If the campaign is in no state for it; names the state and what can be done instead.
        StaleApproval: If the suggestion it is about is no longer the one that waits.
        NotAllowed: If it takes a higher role.
        BadInput: If what it asks for is not possible.
    """
    _require_alive(command, state)
    reason = command.note or f"{command.verb} by {command.actor}"
    match command.verb:
        case "start":
            return _start(command, state)
        case "pause":
            return _pause(command, state, reason)
        case "resume":
            return resume(state, reason)
        case "stop":
            return (ev.CampaignStopped(reason=reason),)
        case "abort":
            return (ev.CampaignAborted(reason=reason),)
        case "approve":
            return _approve(command, state)
        case "veto":
            return _veto(command, state)
        case "edit":
            return _edit(command, state)
        case "suggest":
            return (_human_suggestion(command, state, command.note or ASKED_FOR),)
        case "amend":
            return _amend(command, state)
        case "note":
            return (ev.NoteLeft(text=str(command.content.get("text", "")) or command.note),)
        case "score":
            return answer_meaning(command, state)
        case "skip":
            return skip_meaning(command, state)
        case "safe-stop":
            return (ev.CampaignStopped(reason=f"safe-stop: {reason}"),)
        case _:
            assert_never(command.verb)


def _too_late(command: Command) -> str:
    match command.verb:
        case "score":
            return f": {answer_in_words(command)} is too late; leave it as a note"
        case "amend":
            return f"; it cannot be changed any more; run its file again, changed, with --set earlier={command.campaign}"
        case _:
            return f"; it cannot {command.verb} any more"


def _require_alive(command: Command, state: CampaignState) -> None:
    if state.status.is_final:
        raise WrongState(f"campaign {command.campaign} is {state.status} ({state.reason}){_too_late(command)}")
    if state.status is Status.CREATED and command.verb in ("pause", "resume", "stop"):
        raise WrongState(f"campaign {command.campaign} has not started, so there is nothing to {command.verb}; start or abort it")


def _start(command: Command, state: CampaignState) -> Meaning:
    if state.status is not Status.CREATED:
        raise WrongState(f"campaign {command.campaign} was started already and is {state.shown_status}; resume it if it does not run")
    return ()


def _pause(command: Command, state: CampaignState, reason: str) -> Meaning:
    if state.status is not Status.RUNNING:
        raise WrongState(f"campaign {command.campaign} is {state.status} already; resume it to go on")
    return (ev.CampaignPaused(reason=reason),)


def resume(state: CampaignState, reason: str, *, keeps_positions: bool = True) -> Meaning:
    """Return the events that make a campaign run on; a start of unknown fate is then measured again, on record."""
    resumed = ev.CampaignResumed(reason=reason, keeps_positions=keeps_positions)
    trial = state.current
    if state.status is not Status.HELD or trial is None or trial.status is not TrialStatus.STARTED:
        return (resumed,)
    again = ev.TrialRemeasured(trial=trial.number, attempt=trial.attempt, reason=f"its fate is unknown; {reason}")
    return (resumed, again)


def _waiting(command: Command, state: CampaignState) -> Trial:
    """Return the trial a person decides about."""
    trial = state.current
    is_ambiguous = trial is not None and state.status is Status.HELD and trial.status is TrialStatus.STARTED
    if trial is None or not (trial.status is TrialStatus.WAITING or is_ambiguous):
        raise _nothing_waits(command, state)
    if command.trial not in (None, trial.number):
        raise StaleApproval(f"trial {command.trial} does not wait for approval; trial {trial.number} does: {show_point(trial.point)}")
    if command.suggestion_hash and command.suggestion_hash != ev.suggestion_hash(trial.number, trial.point):
        raise StaleApproval(f"trial {trial.number} is no longer what you saw: it now is {show_point(trial.point)}; look again, then decide")
    return trial


def _nothing_waits(command: Command, state: CampaignState) -> BadInput:
    """Return the refusal; who decided first matters to the second of two operators."""
    if command.trial is not None and command.trial <= len(state.trials):
        trial = state.trial(command.trial)
        because = f" ({trial.note})" if trial.note else ""
        return StaleApproval(f"trial {trial.number} was decided already: it is {trial.status}{because}; nothing waits for approval now")
    return WrongState(f"campaign {command.campaign} has no suggestion waiting for approval; it is {state.shown_status}")


def _approve(command: Command, state: CampaignState) -> Meaning:
    trial = _waiting(command, state)
    if trial.status is TrialStatus.STARTED:
        return resume(state, f"approved by {command.actor}")
    bound_to = ev.suggestion_hash(trial.number, trial.point)
    return (ev.TrialApproved(trial=trial.number, suggestion_hash=bound_to, note=command.note),)


def _veto(command: Command, state: CampaignState) -> Meaning:
    trial = _waiting(command, state)
    vetoed = ev.TrialVetoed(trial=trial.number, note=command.note or f"vetoed by {command.actor}")
    return (ev.CampaignResumed(reason=vetoed.note), vetoed) if state.status is Status.HELD else (vetoed,)


def _edit(command: Command, state: CampaignState) -> Meaning:
    trial = _waiting(command, state)
    if trial.status is TrialStatus.STARTED:
        raise WrongState(f"trial {trial.number} was started and its fate is unknown; approve it to measure it again, or veto it")
    suggested = _human_suggestion(command, state, f"instead of {show_point(trial.point)}{_because(command.note)}")
    vetoed = ev.TrialVetoed(trial=trial.number, note=f"edited by {command.actor}: trial {suggested.trial} takes its place")
    return (vetoed, suggested)


def _because(note: str) -> str:
    return f": {note}" if note else ""


def _human_suggestion(command: Command, state: CampaignState, reason: str) -> ev.TrialSuggested:
    """Return a person's suggestion: it goes past the guardians like an agent's, and needs no approval of its own."""
    try:
        return ev.TrialSuggested(
            trial=len(state.trials) + 1,
            kind=TrialKind.HUMAN,
            point=point_of(command),
            agent=command.actor.removeprefix("human:"),
            role="human",
            based_on=state.seq,
            evidence=Evidence(reason=reason),
        )
    except ValidationError as error:
        raise BadInput(f"{dict(command.content)} is no point: {error.errors()[0]['msg']}") from None


def point_of(command: Command) -> Point:
    """Return the point a command carries. Raises BadInput if it carries none."""
    point = command.content.get("point")
    if not isinstance(point, Mapping) or not point:
        raise BadInput(f"{command.verb} needs a point; give a value for every parameter")
    return cast(Point, point)


def change_of(command: Command) -> Change:
    """Return the change a command carries. Raises BadInput if it is none we know."""
    try:
        return _CHANGE.validate_python(command.content.get("change"), strict=False)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(f"{'.'.join(['change', *map(str, first['loc'])])}: {first['msg']}") from None


def _amend(command: Command, state: CampaignState) -> Meaning:
    change = change_of(command)
    if isinstance(state.spec, SamplesSpec) and not isinstance(change, SetBudget):
        part = state.parts.running.id if state.parts.running is not None else "a part, once it runs"
        raise BadInput(f"each stage has its own space and agent, so of all samples together only the budget can be changed; change {part}")
    if widens(state.spec, change) and not command.role.includes(Role.ADMIN):
        raise NotAllowed(f"{in_words(state.spec, change)}: to widen limits takes an admin, and {command.actor} is {command.role}; ask one")
    spec = changed(state.spec, change)
    ends_at = end_time(spec.budget, state.started_at or command.at, command.at)
    return (ev.CampaignAmended(spec=spec, reason=command.note, change=in_words(state.spec, change), ends_at=ends_at),)


def end_time(budget: Budget, started_at: datetime, now: datetime) -> datetime | None:
    """Return when ``wall_time``, counted from the start, or the next ``until``, whichever is sooner, ends a campaign."""
    ends: list[datetime] = []
    if budget.wall_time is not None:
        ends.append(started_at + timedelta(seconds=budget.wall_time))
    if budget.until is not None:
        ends.append(_next_time_of_day(budget.until, now))
    return min(ends, default=None)


def _next_time_of_day(until: str, now: datetime) -> datetime:
    """Return the next moment at which local clocks show HH:MM."""
    hour, minute = map(int, until.split(":"))
    local = now.astimezone()
    end = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if end <= local:
        end = (end + timedelta(days=1)).replace(hour=hour, minute=minute)
    return end
