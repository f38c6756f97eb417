"""Running and resuming a campaign in this process."""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestrator import plugins
from orchestrator.bootstrap import assembling, children, reading, sending
from orchestrator.bootstrap.answer_doors import answers_watched
from orchestrator.bootstrap.answer_orders import AnswerDesk
from orchestrator.bootstrap.clock import WallClock
from orchestrator.bootstrap.earlier import earlier_of
from orchestrator.bootstrap.outcome import Outcome, Switch
from orchestrator.bootstrap.reading import load_state
from orchestrator.bootstrap.rig import Holding, Rig
from orchestrator.bootstrap.workplace import Workplace
from orchestrator.campaign_file import CampaignFile
from orchestrator.domain import events as ev
from orchestrator.domain.campaign import CampaignState, first_value
from orchestrator.domain.errors import SpecError
from orchestrator.domain.events import LedgerEvent
from orchestrator.domain.instrument import InstrumentDescription
from orchestrator.domain.ports import LiveSignals
from orchestrator.domain.protocols import Agent
from orchestrator.domain.samples import SamplesSpec
from orchestrator.domain.space import Categorical, Ordinal, Space
from orchestrator.domain.spec import CampaignSpec
from orchestrator.engine.agent_host import ProcessAgentHost
from orchestrator.engine.agent_server import AgentServer, Role
from orchestrator.engine.agents_here import AgentsHere
from orchestrator.engine.book import Book
from orchestrator.engine.context import Engine, Refit
from orchestrator.engine.loop import drive
from orchestrator.engine.scoring import Judge
from orchestrator.processes import Child, this_person
from orchestrator.queries.closing import closing_lines
from orchestrator.queries.overview import shown_reason
from orchestrator.queries.samples import sample_rows
from orchestrator.settings import Settings
from orchestrator.telemetry import log_recorded


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where a run shows itself, and what the person there wants."""

    live: LiveSignals
    switch: Switch
    waits: bool = True
    """Whether to wait for people, or to leave as soon as one is needed."""
    writes_report: bool = True
    begun_because: str = ""
    """Why this runner goes on with the campaign, where whoever started it knows."""
    look: Callable[[], None] = lambda: None
    """Called before every look into the inbox."""
    heard: Callable[[Book, tuple[LedgerEvent, ...]], None] = lambda _book, _events: None
    """Told of what was recorded."""
    ready: Callable[[], Child | None] = lambda: None
    """Returns a process that stands ready to hold the agents, if there is one."""


def over_samples() -> Any:
    """Return the module that drives campaigns over samples: it drives their parts through this one."""
    from orchestrator.bootstrap.samples import runs

    return runs


def new_id(name: str, now: datetime) -> str:
    """Return a campaign id that people can read and type: name, day, time, and two characters against collisions."""
    return f"{name}-{now:%y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def run(
    workplace: Workplace,
    file: CampaignFile,
    *,
    live: LiveSignals,
    switch: Switch,
    wait: bool = True,
    writes_report: bool = True,
) -> Outcome:
    """Run a campaign from its file to its end.

    Raises:
        BadInput: If it cannot be run; nothing was recorded and nothing moved.
    """
    if isinstance(file.spec, SamplesSpec):
        return over_samples().run(workplace, file, Terminal(live, switch, wait, writes_report))
    began = time.monotonic()
    spec = assembling.with_absolute_paths(file.spec, file.folder)
    assembling.check_agents(spec)
    places = sending.places_of(workplace, spec)
    judge = Judge(assembling.build_rewards(spec), workplace.artefacts, workplace.frames)
    assembling.build_guardians(spec)
    campaign = new_id(spec.name, datetime.now(UTC))
    terminal = Terminal(live, switch, wait, writes_report)
    with ExitStack() as last, ExitStack() as stack:  # documents may take a while: the instrument is given back before
        rig = Rig(workplace, campaign, spec, stack, sending.spool_of(workplace, campaign, places))
        rig.connect()
        resolved, space = assembling.resolve(file, spec, rig.description, judge.rewards, workplace.artefacts)
        begins_with = earlier_of(workplace, file, resolved, space, judge)
        rig.take_leases(rig.description.identity)
        rig.start_sentinel()
        last.enter_context(sending.sending(workplace, campaign, places))
        created = ev.CampaignCreated(
            spec=begins_with.spec,
            instrument=rig.description.model_copy(update={"candidates": None}),
            versions=assembling.versions(),
        )
        outcome = _drive(workplace, campaign, rig, judge, terminal, began, first=(created, *begins_with.events))
    return replace(outcome, documents=sending.documents_amiss(workplace, campaign))


def resume(
    workplace: Workplace,
    state: CampaignState,
    campaign: str,
    *,
    live: LiveSignals,
    switch: Switch,
    wait: bool = True,
    because: str = "",
    writes_report: bool = True,
    sends_documents: bool = True,
) -> Outcome:
    """Go on with a campaign whose runner is gone, or begin one that was only created.

    Args:
        sends_documents: Whether to send documents from here; under a server that does, they are only kept for it.

    Raises:
        Busy: If its runner lives.
    """
    terminal = Terminal(live, switch, wait, writes_report, because)
    if isinstance(state.spec, SamplesSpec):
        return over_samples().resume(workplace, state, campaign, terminal, sends_documents=sends_documents)
    began = time.monotonic()
    judge = Judge(assembling.build_rewards(state.spec), workplace.artefacts, workplace.frames)
    places = sending.places_of(workplace, state.spec)
    with ExitStack() as last, ExitStack() as stack:
        rig = Rig(workplace, campaign, state.spec, stack, sending.spool_of(workplace, campaign, places))
        rig.take_leases(state.instrument.identity)
        rig.connect()
        require_same(state.instrument, rig.description)
        rig.start_sentinel()
        last.enter_context(sending.sending(workplace, campaign, places, is_ours=sends_documents))
        outcome = _drive(workplace, campaign, rig, judge, terminal, began)
    return replace(outcome, documents=sending.documents_amiss(workplace, campaign))


def require_same(recorded: InstrumentDescription, found: InstrumentDescription) -> None:
    if recorded.identity != found.identity:
        raise SpecError(f"the campaign ran on {recorded.identity} but the instrument now says it is {found.identity}; resume it there")


def _drive(
    workplace: Workplace,
    campaign: str,
    rig: Rig,
    judge: Judge,
    terminal: Terminal,
    began: float,
    first: Sequence[ev.LedgerData] = (),
) -> Outcome:
    state, head = drive_here(workplace, campaign, rig, judge, terminal, first)
    report = write_report(workplace, campaign) if terminal.writes_report and Settings().report else None
    return outcome_of(campaign, state, head, time.monotonic() - began, report)


def drive_here(
    workplace: Workplace, campaign: str, rig: Holding, judge: Judge, terminal: Terminal, first: Sequence[ev.LedgerData] = ()
) -> tuple[CampaignState, str]:
    """Drive a campaign in this process; return its state and the hash of its last event. Raises as ``drive``."""
    book = Book(campaign, workplace.ledger, rig.campaign_lease, WallClock(), judge.objectives())
    record_leases(book, rig, first)
    # As read back: a replay and a successor will see just this, so the first runner must too.
    spec = load_state(workplace, campaign).spec

    def refit(spec: CampaignSpec) -> Refit:
        space = assembling.require_possible(workplace.artefacts, spec, rig.description)
        return Refit(space, assembling.build_guardians(spec), lambda: _start_host(book, spec, space, judge, terminal))

    if any(signal.is_file for signal in rig.description.signals.values()):
        workplace.frames.warm()
    fit = refit(spec)
    host = fit.start_host()
    engine = Engine(
        campaign=campaign,
        book=book,
        ledger=workplace.ledger,
        instrument_lease=rig.instrument_lease,
        host=host,
        executor=rig.executor,
        judge=judge,
        guardians=fit.guardians,
        space=fit.space,
        clock=WallClock(),
        live=terminal.live,
        switch=terminal.switch,
        is_patient=terminal.waits,
        begun_because=terminal.begun_because,
        look=terminal.look,
        refit=refit,
    )
    book.listen(log_recorded)
    book.listen(lambda events: terminal.heard(book, events))
    desk = AnswerDesk(campaign, lambda: book.state, workplace.ledger.send, WallClock().now)
    try:
        with answers_watched(desk, judge.rewards, workplace.folder):
            state = drive(engine)
    finally:
        engine.host.close()
    return state, book.head


def _start_host(book: Book, spec: CampaignSpec, space: Space, judge: Judge, terminal: Terminal) -> ProcessAgentHost | AgentsHere:
    """Start the agents' process, show it everything recorded so far, and let it think ahead.

    Importing a model takes seconds, which the instrument's first steps then hide.
    """
    host = _agents_here(spec, space, judge) if _has_no_choice(spec, space) else _agents_process(book, spec, space, judge, terminal)
    host.sync(book.everything())
    book.take_news()  # which it now knows
    host.prepare()
    return host


def _has_no_choice(spec: CampaignSpec, space: Space) -> bool:
    """Return whether the agents are our own that count points off, and there is one: what loads a sample asks for no process."""
    has_one_point = all(isinstance(each, Categorical | Ordinal) and len(each.values) == 1 for each in space.parameters.values())
    return has_one_point and {spec.agent.type, spec.fallback.type} == {"grid"}


def _agents_here(spec: CampaignSpec, space: Space, judge: Judge) -> AgentsHere:
    agents: Mapping[Role, Agent] = {"agent": plugins.build("agent", spec.agent), "fallback": plugins.build("agent", spec.fallback)}
    return AgentsHere(AgentServer(agents, space, judge.objectives()))


def _agents_process(book: Book, spec: CampaignSpec, space: Space, judge: Judge, terminal: Terminal) -> ProcessAgentHost:
    return ProcessAgentHost(
        lambda: children.start_agents(spec, space, judge.objectives(), terminal.ready()),
        {"agent": spec.agent.timeout, "fallback": spec.fallback.timeout},
        past=book.everything,
        on_wait=lambda: terminal.switch.is_stop_wanted,
    )


def write_report(workplace: Workplace, campaign: str) -> Path | None:
    """Write the report into the person's folder; a full disk then costs the report, not the outcome."""
    path = workplace.folder / "reports" / f"{campaign}.html"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return reading.report(workplace, campaign, path, with_parts=False)  # that would take a minute, and they may be asked for
    except OSError:
        return None


def record_leases(book: Book, rig: Holding, first: Sequence[ev.LedgerData]) -> None:
    for data in first:
        book.record(data, this_person())
    for lease in (rig.campaign_lease, rig.instrument_lease):
        book.record(ev.LeaseTaken(lease=lease.name, token=lease.token, holder=lease.holder, taken_from=lease.taken_from))
    book.flush()


def outcome_of(campaign: str, state: CampaignState, head: str, wall_s: float, report: Path | None = None) -> Outcome:
    """Return how a campaign stands."""
    best = state.best_trial
    return Outcome(
        campaign=campaign,
        status=state.shown_status,
        trials=state.n_counted,
        best_point=None if best is None else best.point,
        best_score=None if best is None else first_value(best, state.objectives),
        wall_s=wall_s,
        head=head,
        reason=shown_reason(state),
        found=closing_lines(state),
        report=report,
        samples=sample_rows(state),
    )
