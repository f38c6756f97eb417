"""Carrying out people's commands: each becomes ledger events naming who and why."""

from collections.abc import Sequence
from contextlib import suppress

from orchestrator.domain import events as ev
from orchestrator.domain.campaign import CampaignState, Status
from orchestrator.domain.errors import BadInput, LedgerFull
from orchestrator.domain.ports import Command
from orchestrator.engine.answers import is_early
from orchestrator.engine.context import Engine
from orchestrator.engine.meanings import meaning
from orchestrator.processes import this_person

_AT_BEGINNINGS = ("start", "resume")
"""Taken by whoever begins to drive a campaign, which is what they ask for."""


def take_orders(engine: Engine) -> None:
    """Carry out what people asked for since the last look: the inbox, then the terminal."""
    for command in engine.inbox():
        if _is_due(command, engine.state):
            _carry_out(engine, command)
    if engine.state.status.is_final:
        return
    if engine.switch.is_stop_wanted and engine.state.status is not Status.STOPPED:
        _record(engine, (ev.CampaignStopped(reason="stopped from the terminal"),), this_person())
    elif engine.switch.take_pause() and engine.state.status is Status.RUNNING:
        _record(engine, (ev.CampaignPaused(reason="paused from the terminal"),), this_person())


def _is_due(command: Command, state: CampaignState) -> bool:
    """Return whether now is the time: a person's point waits until the trial before it is done with."""
    match command.verb:
        case "score":
            return state.status.is_final or not is_early(command, state)
        case "suggest":
            return state.current is None or state.status.is_final
        case "start" | "pause" | "resume" | "stop":
            return state.status is not Status.CREATED  # it begins in a moment, and then there is something to pause
        case "safe-stop":
            return False  # the supervisor's: it must not wait for an engine that may hang
        case _:
            return True


def _carry_out(engine: Engine, command: Command) -> None:
    """Turn one command into events; it leaves the inbox only after they are durable."""
    try:
        events = meaning(command, engine.state)
        refit = engine.refit_for(events)
        _record(engine, events, command.actor)
    except BadInput as refusal:
        note = ev.NoteLeft(text=f"{not_carried_out(command)}{refusal}")
        _record(engine, (note,), command.actor)
    else:
        if refit is not None:
            engine.use(refit)
    engine.ledger.finish(command)


def _record(engine: Engine, events: Sequence[ev.LedgerData], actor: str) -> None:
    for data in events:
        engine.book.record(data, actor)
    engine.book.flush()


def not_carried_out(command: Command) -> str:
    """Return how a note begins that says why a command had no effect: its sender looks for it."""
    what = f"score of trial {command.trial}" if command.verb == "score" else command.verb
    return f"{what} was not carried out: "


def take_answers(engine: Engine) -> bool:
    """Record what analyses answered since the last look, while a trial is measured; return whether there was anything.

    A full disk is left for the trial's end to find: nothing that must be made safe may be interrupted halfway, and the
    answers stay in the inbox.
    """
    if not engine.state.awaiting:
        return False
    seq = engine.state.seq
    with suppress(LedgerFull):
        for command in engine.inbox():
            if command.verb == "score" and _is_due(command, engine.state):
                _carry_out(engine, command)
    return engine.state.seq > seq


def take_beginnings(engine: Engine, verb: str) -> tuple[Command, ...]:
    """Return the waiting commands that asked for this runner; finish them once what they asked for is durable."""
    assert verb in _AT_BEGINNINGS
    return tuple(command for command in engine.inbox() if command.verb == verb)


def is_interrupting(engine: Engine) -> bool:
    """Return whether somebody wants the trial in progress to end now."""
    if engine.switch.is_stop_wanted:
        return True
    return any(command.is_now or command.verb in ("stop", "abort") for command in engine.inbox())


def refuse_the_rest(engine: Engine) -> None:
    """Empty the inbox of a campaign that is over; what was asked for too late is on record."""
    for command in engine.inbox():
        if command.verb != "safe-stop":
            _carry_out(engine, command)
