"""What happened besides measuring: faults, interventions, refusals, and the stretches of time they took."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from orchestrator.domain import events as ev
from orchestrator.domain.analysis import most_pending
from orchestrator.domain.events import LedgerEvent
from orchestrator.domain.parts import SampleSkipped, StageEnded
from orchestrator.domain.records import Answer, gravest
from orchestrator.queries.record import CampaignRecord
from orchestrator.queries.times import observations

Kind = Literal["life", "fault", "repeat", "refusal", "person", "agent"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One remarkable moment."""

    seq: int
    at: datetime
    kind: Kind
    what: str
    who: str
    trial: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time."""

    kind: Literal["measuring", "repeated", "interlock", "waiting"]
    start: datetime
    end: datetime
    label: str = ""


def timeline(events: Sequence[LedgerEvent]) -> tuple[Entry, ...]:
    """Return every moment worth a line, in order; ordinary suggestions, starts and scores are not."""
    return tuple(entry for event in events if (entry := _entry(event)) is not None)


def _entry(event: LedgerEvent) -> Entry | None:
    told = _tell(event.data)
    if told is None:
        return None
    kind, what, trial, detail = told
    is_persons = event.actor.startswith("human") and kind in ("life", "refusal")
    return Entry(event.seq, event.at, "person" if is_persons else kind, what, event.actor, trial, detail)


_LIFE = {
    "campaign-created": "created",
    "campaign-started": "started",
    "campaign-paused": "paused",
    "campaign-resumed": "resumed",
    "campaign-held": "held for a person",
    "campaign-stopped": "stopped",
    "campaign-aborted": "aborted",
    "campaign-completed": "completed",
    "campaign-failed": "failed",
    "campaign-amended": "amended",
}


def _tell(data: ev.LedgerData) -> tuple[Kind, str, int | None, str] | None:
    """Return kind, what happened, the trial it concerns, and why."""
    match data:
        case ev.InterlockLost():
            return "fault", f"interlock {data.interlock} lost", None, _value(data.value)
        case ev.InterlockReturned():
            wait = "" if data.until is None else f"the site waits until {data.until:%H:%M:%S} UTC"
            return "fault", f"interlock {data.interlock} returned", None, wait or _value(data.value)
        case ev.InstrumentSecured():
            return "fault", f"safe state put in force: {data.cause}", None, "; ".join(data.actions)
        case ev.AgentFailed():
            return "agent", f"agent {data.agent} failed", data.trial, data.reason
        case ev.LeaseTaken():
            return ("fault", f"lease {data.lease} taken over", None, f"from {data.taken_from}") if data.taken_from else None
        case ev.NoteLeft():
            return "person", "note", None, data.text
    return _tell_of_trial(data) or _tell_of_life(data)


def _tell_of_trial(data: ev.LedgerData) -> tuple[Kind, str, int | None, str] | None:
    match data:
        case ev.TrialRemeasured():
            return "repeat", f"attempt {data.attempt} measured again", data.trial, data.reason
        case ev.TrialReviewed():
            return _tell_of_review(data)
        case ev.TrialVetoed():
            return "refusal", "not approved in time" if data.is_timeout else "vetoed", data.trial, data.note
        case ev.TrialApproved():
            return "person", "approved", data.trial, data.note
        case ev.TrialFailed():
            return "fault", "given up", data.trial, data.reason
        case ev.TrialScored() if data.reason:
            return "life", "scored again", data.trial, data.reason
        case _:
            return None


def _tell_of_review(data: ev.TrialReviewed) -> tuple[Kind, str, int | None, str] | None:
    answer = gravest(data.verdicts)
    if answer is Answer.ALLOW:
        return ("refusal", "held for approval", data.trial, "") if data.needs_approval else None
    decisive = next(verdict for verdict in data.verdicts if verdict.answer is answer)
    return "refusal", f"{decisive.guardian}: {answer}", data.trial, decisive.reason


def _tell_of_life(data: ev.LedgerData) -> tuple[Kind, str, int | None, str] | None:
    match data:
        case StageEnded():
            kind: Kind = "life" if data.outcome == "succeeded" else "fault"
            return kind, f"{data.sample}: {data.stage} {data.outcome}", None, data.reason
        case SampleSkipped():
            return "refusal", f"{data.sample} is left", None, data.reason
        case _:
            pass
    what = _LIFE.get(data.type)
    return None if what is None else ("life", what, None, getattr(data, "reason", ""))


def _value(value: float | str | None) -> str:
    return "" if value is None else f"value {value:g}" if isinstance(value, float | int) else value


def spans(record: CampaignRecord) -> tuple[Span, ...]:
    """Return when the instrument measured, when an interlock was lost, and when people or an analysis were waited for."""
    return (*_measuring(record), *_lost(record), *_waiting(record), *_without_analysis(record))


def _measuring(record: CampaignRecord) -> Iterator[Span]:
    counting = {trial.observation.run_uid for trial in record.trials if trial.observation is not None}
    for seen in observations(record):
        kind = "measuring" if seen.run_uid in counting else "repeated"
        yield Span(kind, seen.started_at, seen.finished_at, f"trial {seen.trial}")


def _lost(record: CampaignRecord) -> Iterator[Span]:
    since: dict[str, datetime] = {}
    for event in record.events:
        match event.data:
            case ev.InterlockLost(interlock=name):
                since.setdefault(name, event.at)
            case ev.InterlockReturned(interlock=name, until=None) if name in since:
                yield Span("interlock", since.pop(name), event.at, name)
            case _:
                pass
    for name, at in since.items():
        yield Span("interlock", at, record.events[-1].at, name)


def _without_analysis(record: CampaignRecord) -> Iterator[Span]:
    """Yield the stretches in which as many trials awaited their analysis as may, and that after the last measurement."""
    most, awaiting, since = most_pending(record.state), set[int](), None
    for event in record.events if most is not None else ():
        match event.data:
            case ev.TrialAwaiting(trial=trial):
                awaiting.add(trial)
            case ev.TrialScored(trial=trial) | ev.TrialFailed(trial=trial):
                awaiting.discard(trial)
            case _:
                continue
        is_last = trial == len(record.trials) and trial in awaiting
        if since is None and (is_last or len(awaiting) >= (most or 0)):
            since = event.at
        elif since is not None and (not awaiting or (len(awaiting) < (most or 0) and len(record.trials) not in awaiting)):
            yield Span("waiting", since, event.at, "analysis")
            since = None
    if since is not None:
        yield Span("waiting", since, record.events[-1].at, "analysis")


def _waiting(record: CampaignRecord) -> Iterator[Span]:
    """Yield the stretches from a pause, hold, stop or failure to the resumption."""
    since: tuple[datetime, str] | None = None
    for event in record.events:
        match event.data:
            case ev.CampaignPaused() | ev.CampaignHeld() | ev.CampaignStopped() | ev.CampaignFailed():
                since = since or (event.at, _LIFE[event.type])
            case ev.CampaignResumed() if since is not None:
                yield Span("waiting", since[0], event.at, since[1])
                since = None
            case _:
                pass
