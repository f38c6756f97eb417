"""What a new runner does before it goes on where another one stopped."""

from orchestrator.domain import events as ev
from orchestrator.domain.campaign import Status
from orchestrator.domain.instrument import InstrumentDescription
from orchestrator.engine.context import Engine
from orchestrator.engine.measuring import note_lost
from orchestrator.engine.orders import resume


def recover(engine: Engine) -> None:
    """Make the hardware safe, look at it again, and say in the ledger that somebody goes on.

    A start without an outcome is left to the loop, which settles it.
    """
    state = engine.state
    if state.status is Status.CREATED or state.status.is_final:
        return
    actions = engine.executor.secure("recovery")
    engine.book.record(ev.InstrumentSecured(cause="recovery", actions=actions), "instrument")
    reason = "the runner before ended without a word" if state.status is Status.RUNNING else f"resumed after {state.status}"
    for data in resume(state, reason, keeps_positions=_outlives_us(state.instrument)):
        engine.book.record(data)
    note_lost(engine, engine.executor.status())
    engine.book.flush()


def _outlives_us(instrument: InstrumentDescription) -> bool:
    """Return whether the axes are still where the runner before left them: devices private to a process begin anew with it."""
    return instrument.has_second_connection and bool(instrument.identity)
