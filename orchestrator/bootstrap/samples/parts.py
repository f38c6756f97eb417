"""One sample in one stage, on the whole's instrument."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from orchestrator.bootstrap import assembling, campaigns, sending
from orchestrator.bootstrap.reading import load_state
from orchestrator.bootstrap.samples.orders import pass_on
from orchestrator.bootstrap.samples.preparing import created, resolved
from orchestrator.bootstrap.samples.whole import Whole
from orchestrator.campaign_file import CampaignFile
from orchestrator.domain import events as ev
from orchestrator.domain.campaign import CampaignState, Status, TrialStatus, first_value
from orchestrator.domain.errors import BadInput
from orchestrator.domain.events import LedgerEvent
from orchestrator.domain.part_spec import agent_of, part_spec
from orchestrator.domain.parts import Parts, SampleSkipped, StageEnded, StageStarted, evolve_parts, part_id
from orchestrator.domain.ports import Command
from orchestrator.engine.book import Book
from orchestrator.engine.next_part import RunPart, left_of, next_part, why_failed
from orchestrator.engine.scoring import Judge
from orchestrator.processes import this_person

_ERROR = "InstrumentError: "


def run_part(whole: Whole, step: RunPart) -> None:
    """Take a sample through a stage, or go on with it, and record how it ended."""
    sample, stage = step.sample.id, step.stage
    whole.part, whole.ending, whole.stopped_by, whole.trouble = part_id(whole.campaign, sample, stage), None, "", ""
    if whole.state.parts.at(sample, stage) is None:
        whole.record(StageStarted(sample=sample, stage=stage, part=whole.part))
    whole.show(f"{sample} {stage}", _count(whole), is_news=True)
    try:
        first = None if whole.workplace.ledger.last_seq(whole.part) else _first(whole, step)
    except BadInput as error:
        _record_end(whole, step, StageEnded(sample=sample, stage=stage, outcome="failed", reason=str(error)))
    else:
        state, head = _drive(whole, step, first)
        _conclude(whole, step, state, head)
    finally:
        whole.part = ""


def _count(whole: Whole) -> str:
    spec = whole.spec
    return f"part {len(whole.state.parts.by_place)} of at most {len(spec.samples) * len(spec.stages)}"


def _first(whole: Whole, step: RunPart) -> ev.CampaignCreated:
    """Return the part's first event. Raises BadInput if what was found before it leaves nothing that can be run."""
    described = whole.rig.executor.describe()
    axes = {name: axis.parameter for name, axis in described.axes.items()}
    best = whole.state.parts.best_points(step.sample.id)
    part = part_spec(whole.spec, step.sample, step.stage, best=best, axes=axes, left=left_of(whole.state, whole.clock.now()))
    file = CampaignFile(part, whole.workplace.folder, f"{step.sample.id} {step.stage}")
    part = resolved(file, part, described, whole.workplace.artefacts)
    return created(whole.campaign, step.sample, step.stage, part, described)


def _drive(whole: Whole, step: RunPart, first: ev.CampaignCreated | None) -> tuple[CampaignState, str]:
    """Drive the part; one that had come to its end before its end was recorded here is only read."""
    if first is None and (state := load_state(whole.workplace, whole.part)).status.is_final:
        summary = whole.workplace.ledger.summary(whole.part)
        return state, "" if summary is None else summary.head
    spec = load_state(whole.workplace, whole.part).spec if first is None else first.spec
    if step.sample.id in whole.state.parts.skipped and not whole.spec.stages[step.stage].always:
        _order_end(whole, whole.state.parts.skipped[step.sample.id])
    if whole.places is not None:
        sending.announce(whole.workplace, whole.part, whole.places)
    terminal = replace(
        whole.terminal,
        look=lambda: pass_on(whole),
        heard=lambda book, events: _hear(whole, step, book, events),
        ready=lambda: None if whole.spare is None else whole.spare.take(),
    )
    with whole.rig.lent(whole.part, spec) as rig:
        judge = Judge(assembling.build_rewards(spec), whole.workplace.artefacts, whole.workplace.frames)
        return campaigns.drive_here(whole.workplace, whole.part, rig, judge, terminal, () if first is None else (first,))


def _order_end(whole: Whole, why: str) -> None:
    whole.workplace.ledger.send(Command(0, whole.part, whole.clock.now(), "engine", "abort", note=why))


def _hear(whole: Whole, step: RunPart, book: Book, events: tuple[LedgerEvent, ...]) -> None:
    """Let the whole pause, be held and go on with its part; a part that is held without a person to ask has failed."""
    name = f"{step.sample.id} {step.stage}"
    for event in events:
        match event.data:
            case ev.TrialStarted():
                _start_ahead(whole, step)
            case ev.TrialRemeasured(reason=reason) | ev.TrialFailed(reason=reason):
                whole.trouble = reason.removeprefix(_ERROR)
            case ev.CampaignPaused(reason=reason):
                whole.record(ev.CampaignPaused(reason=f"{name}: {reason}"), actor=event.actor)
            case ev.CampaignHeld(reason=reason) if _is_failure(whole, step, book.state):
                book.record(ev.CampaignAborted(reason=whole.trouble or reason))
            case ev.CampaignHeld(reason=reason):
                whole.record(ev.CampaignHeld(reason=f"{name}: {whole.trouble or reason}"), actor=event.actor)
            case ev.CampaignResumed(reason=reason) if whole.state.status in (Status.PAUSED, Status.HELD):
                whole.record(ev.CampaignResumed(reason=reason), actor=event.actor)
            case ev.CampaignStopped():
                whole.stopped_by = event.actor
            case _:
                pass


def _start_ahead(whole: Whole, step: RunPart) -> None:
    """Have a process stand ready for the agents of the next part that has any choice, if this one and those between succeed."""
    if whole.spare is None:
        return
    now = whole.clock.now()
    parts = _succeeded(whole.state.parts, step, now)
    while (following := next_part(whole.spec, parts)) is not None and whole.spec.stages[following.stage].is_done_once:
        parts = _succeeded(parts, following, now)
    if following is not None:
        whole.spare.make_ready(agent_of(whole.spec, following.stage).type)


def _succeeded(parts: Parts, step: RunPart, now: datetime) -> Parts:
    """Return the parts as they would be after one more success."""
    sample, stage = step.sample.id, step.stage
    if parts.at(sample, stage) is None:
        parts = evolve_parts(parts, StageStarted(sample=sample, stage=stage, part=""), now)
    return evolve_parts(parts, StageEnded(sample=sample, stage=stage, outcome="succeeded"), now)


def _is_failure(whole: Whole, step: RunPart, part: CampaignState) -> bool:
    """Return whether a held part is given up: unless the stage, or ``on_ambiguous`` for an attempt of unknown fate, asks for a person."""
    trial = part.current
    is_ambiguous = trial is not None and trial.status is TrialStatus.STARTED
    return whole.spec.stages[step.stage].on_failure != "hold" and not (is_ambiguous and part.spec.on_ambiguous == "hold")


def _conclude(whole: Whole, step: RunPart, part: CampaignState, head: str) -> None:
    """Record what became of a part that is not driven any more."""
    if part.status is Status.RUNNING:
        whole.record(ev.CampaignHeld(reason=f"{step.sample.id} {step.stage}: somebody is needed; see nightshift show {whole.part}"))
    elif part.status is Status.STOPPED and _is_whole_stopped(whole):
        _end_whole(whole, part.reason)
    elif part.status not in (Status.PAUSED, Status.HELD):
        _record_end(whole, step, _ended(whole, step, part, head))
        if whole.ending is not None:
            _end_whole(whole, part.reason)


def _is_whole_stopped(whole: Whole) -> bool:
    """Return whether a person stopped the part, and not a guardian: people who stop want nothing to go on."""
    return whole.ending is not None or whole.terminal.switch.is_stop_wanted or whole.stopped_by.startswith("human")


def _end_whole(whole: Whole, reason: str) -> None:
    command = whole.ending
    is_abort = command is not None and command.verb == "abort"
    ended = ev.CampaignAborted(reason=reason) if is_abort else ev.CampaignStopped(reason=reason)
    whole.record(ended, actor=whole.stopped_by or this_person() if command is None else command.actor)
    if command is not None:
        whole.workplace.ledger.finish(command)


def _ended(whole: Whole, step: RunPart, part: CampaignState, head: str) -> StageEnded:
    best, why = part.best_trial, why_failed(whole.spec, step.stage, part)
    return StageEnded(
        sample=step.sample.id,
        stage=step.stage,
        outcome="succeeded" if why is None else "failed",
        reason=part.reason if why is None else why,
        trials=part.n_counted,
        exposure_s=part.exposure_s,
        dose=part.dose,
        best_point=None if best is None else best.point,
        best_score=None if best is None else first_value(best, part.objectives),
        head=head,
    )


def _record_end(whole: Whole, step: RunPart, ended: StageEnded) -> None:
    """Record a part's end and, if it failed, what follows from that: one transaction, so that neither is ever without the other."""
    sample = step.sample.id
    is_left = sample in whole.state.parts.skipped or whole.ending is not None
    follows = () if ended.outcome == "succeeded" or is_left else (_CONSEQUENCES[whole.spec.stages[step.stage].on_failure](ended),)
    whole.record(ended, *follows)
    told = f"{ended.outcome}{': ' if ended.reason else ''}{ended.reason}"
    whole.show(f"{sample} {step.stage}", told, is_news=True)


def _skip(ended: StageEnded) -> ev.LedgerData:
    return SampleSkipped(sample=ended.sample, reason=f"{ended.stage} failed: {ended.reason}")


def _hold(ended: StageEnded) -> ev.LedgerData:
    ways = f"resume to go on with {ended.sample} all the same, skip {ended.sample} to leave it, or stop"
    return ev.CampaignHeld(reason=f"{ended.sample}: {ended.stage} failed: {ended.reason}; {ways}")


def _stop(ended: StageEnded) -> ev.LedgerData:
    return ev.CampaignStopped(reason=f"{ended.sample}: {ended.stage} failed: {ended.reason}")


_CONSEQUENCES: dict[str, Callable[[StageEnded], ev.LedgerData]] = {"skip": _skip, "hold": _hold, "stop": _stop}
