"""Ledger events as one line for people: what the terminal, the page and the log all say."""

from collections.abc import Iterator, Mapping

from orchestrator.domain import events as ev
from orchestrator.domain.events import LedgerData
from orchestrator.domain.parts import StageEnded, StageStarted
from orchestrator.domain.records import Answer, ObjectiveScore
from orchestrator.domain.space import show_point
from orchestrator.queries.moments import show_moment


def sentence(data: LedgerData) -> str:
    """Return what an event says beside its type; every event's ``trial`` and ``reason`` at least."""
    match data:
        case ev.CampaignCreated():
            return f"{data.spec.name} on {data.spec.instrument.type} {data.instrument.identity}".rstrip()
        case ev.CampaignStarted():
            return "" if data.ends_at is None else f"ends at {show_moment(data.ends_at)}"
        case ev.TrialSuggested():
            reason = f" ({data.evidence.reason})" if data.evidence.reason else ""
            where = f"{show_point(data.point)} " if data.point else ""
            return f"trial {data.trial}: {where}by {data.agent}{reason}"
        case ev.TrialKnown():
            return _joined(f"trial {data.trial}: {show_point(data.point)}", *_scores(data.score.objectives), f"from {data.source}")
        case ev.TrialReviewed():
            said = [f"{verdict.guardian} says {verdict.answer}" for verdict in data.verdicts if verdict.answer is not Answer.ALLOW]
            return _joined(f"trial {data.trial}", *said, "needs approval" if data.needs_approval else "")
        case ev.TrialMeasured():
            readings = ", ".join(f"{name} = {value:.6g}" for name, value in data.observation.readings.items() if value is not None)
            return _joined(f"trial {data.trial}", f"attempt {data.observation.attempt}", readings)
        case ev.TrialScored():
            return _joined(f"trial {data.trial}", *_scores(data.score.objectives), data.reason, data.note)
        case ev.TrialAwaiting():
            return _joined(f"trial {data.trial}", *_scores(data.known), data.note)
        case StageStarted():
            return f"{data.sample} begins {data.stage}: {data.part}"
        case StageEnded():
            counted = "1 trial" if data.trials == 1 else f"{data.trials} trials"
            return _joined(f"{data.sample} {data.stage} {data.outcome}", counted, data.reason)
        case ev.LeaseTaken():
            return _joined(data.lease, f"token {data.token}", data.holder, f"from {data.taken_from}" if data.taken_from else "")
        case ev.InstrumentSecured():
            return _joined(data.cause, *data.actions)
        case _:
            return _generic(data)


def _scores(scores: Mapping[str, ObjectiveScore]) -> Iterator[str]:
    for name, score in scores.items():
        yield f"{name} = {score.value:.6g}{'' if score.sd is None else f' ± {score.sd:.3g}'}"


def _generic(data: LedgerData) -> str:
    """Return the scalar fields of a small event, which name themselves."""
    fields = {name: value for name, value in data if isinstance(value, str | int | float) and name != "type" and value not in ("", False)}
    hidden = {"suggestion_hash"}
    return ", ".join(_named(name, value) for name, value in fields.items() if name not in hidden)


def _named(name: str, value: object) -> str:
    if value is True:
        return name.removeprefix("is_").replace("_", " ")
    return str(value) if name in ("reason", "note", "text") else f"{name} {value}"


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)
