"""What a new runner does before it goes on where another one stopped."""

from orchestrator.domain import events as ev
from orchestrator.domain.campaign import CampaignState, Status
from orchestrator.domain.folding import fold
from orchestrator.domain.instrument import InstrumentDescription
from orchestrator.domain.ports import Command
from orchestrator.engine.context import Engine
from orchestrator.engine.meanings import resume
from orchestrator.engine.measuring import note_lost
from orchestrator.engine.orders import take_beginnings


def recover(engine: Engine) -> None:
    """Make the hardware safe, look at it again, and say in the ledger that somebody goes on.

    A start without an outcome is left to the loop, which settles it.
    """
    state = engine.state
    if state.status is Status.CREATED or state.status.is_final:
        return
    actions = engine.executor.secure("recovery")
    engine.book.record(ev.InstrumentSecured(cause="recovery", actions=actions), "instrument")
    asked = take_beginnings(engine, "resume")
    actor = asked[0].actor if asked else "engine"
    for data in resume(state, _why(engine, asked), keeps_positions=_outlives_us(state.instrument)):
        engine.book.record(data, actor)
    note_lost(engine, engine.executor.status())
    engine.book.flush()
    for command in asked:
        engine.ledger.finish(command)


def _why(engine: Engine, asked: tuple[Command, ...]) -> str:
    """Return why this runner goes on: what a person wrote, what became of the runner before, or the status it was left in."""
    notes = [command.note for command in asked if command.note]
    if notes:
        return notes[0]
    if engine.begun_because:
        return engine.begun_because
    if engine.state.status is not Status.RUNNING:
        return f"resumed after {engine.state.status}"
    left_as = _left_by_the_runner_before(engine)
    if left_as.status is Status.RUNNING:
        how = "while it waited for an approval" if left_as.is_waiting_for_approval else "without a word"
        return f"the runner before ended {how}"
    return f"resumed after {left_as.status}"


def _left_by_the_runner_before(engine: Engine) -> CampaignState:
    """Return the state as of that runner's last event: what people decided since, while nobody ran it, says nothing of its end."""
    events = engine.ledger.read(engine.campaign)
    runners = [event.token for event in events if _begins_a_run(event.data)]
    last = max((seq for seq, event in enumerate(events) if runners and event.token == runners[-1]), default=len(events) - 1)
    return fold(events[: last + 1], engine.state.objectives)


def _begins_a_run(data: ev.LedgerData) -> bool:
    """Return whether this is the first thing that a runner records before it drives a campaign."""
    return isinstance(data, ev.CampaignStarted) or (isinstance(data, ev.InstrumentSecured) and data.cause == "recovery")


def _outlives_us(instrument: InstrumentDescription) -> bool:
    """Return whether the axes are still where the runner before left them: devices private to a process begin anew with it."""
    return instrument.has_second_connection and bool(instrument.identity)
