"""What people's commands mean: each becomes ledger events naming who and why."""

from collections.abc import Sequence

from orchestrator.domain import events as ev
from orchestrator.domain.campaign import CampaignState, Status, Trial, TrialStatus
from orchestrator.domain.errors import BadInput
from orchestrator.domain.ports import Command
from orchestrator.engine.context import Engine


def meaning(command: Command, state: CampaignState) -> tuple[ev.LedgerData, ...]:
    """Return the ledger events a command amounts to now.

    Raises:
        BadInput: If the campaign is in no state for it; names the state and what can be done instead.
    """
    if state.status.is_final:
        raise BadInput(f"campaign {command.campaign} is {state.status} ({state.reason}); it cannot {command.verb} any more")
    reason = command.note or f"{command.verb} by {command.actor}"
    match command.verb:
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


def _pause(command: Command, state: CampaignState, reason: str) -> tuple[ev.LedgerData, ...]:
    if state.status is Status.PAUSED:
        raise BadInput(f"campaign {command.campaign} is paused already; resume it to go on")
    return (ev.CampaignPaused(reason=reason),)


def resume(state: CampaignState, reason: str, *, keeps_positions: bool = True) -> tuple[ev.LedgerData, ...]:
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
        raise BadInput(f"campaign {command.campaign} has no suggestion waiting for approval; it is {state.shown_status}")
    if command.trial not in (None, trial.number):
        raise BadInput(f"trial {command.trial} does not wait for approval; trial {trial.number} does")
    return trial


def _approve(command: Command, state: CampaignState) -> tuple[ev.LedgerData, ...]:
    trial = _waiting(command, state)
    if trial.status is TrialStatus.STARTED:
        return resume(state, f"approved by {command.actor}")
    bound_to = ev.suggestion_hash(trial.number, trial.point)
    return (ev.TrialApproved(trial=trial.number, suggestion_hash=bound_to, note=command.note),)


def _veto(command: Command, state: CampaignState) -> tuple[ev.LedgerData, ...]:
    trial = _waiting(command, state)
    vetoed = ev.TrialVetoed(trial=trial.number, note=command.note or f"vetoed by {command.actor}")
    return (ev.CampaignResumed(reason=vetoed.note), vetoed) if state.status is Status.HELD else (vetoed,)


def take_orders(engine: Engine) -> None:
    """Carry out what people asked for since the last look: the inbox, then the terminal."""
    for command in engine.ledger.commands(engine.campaign):
        _carry_out(engine, command)
    if engine.state.status.is_final:
        return
    if engine.switch.is_stop_wanted and engine.state.status is not Status.STOPPED:
        _record(engine, (ev.CampaignStopped(reason="stopped from the terminal"),), "human:terminal")
    elif engine.switch.take_pause() and engine.state.status is Status.RUNNING:
        _record(engine, (ev.CampaignPaused(reason="paused from the terminal"),), "human:terminal")


def _carry_out(engine: Engine, command: Command) -> None:
    """Turn one command into events; it leaves the inbox only after they are durable."""
    try:
        _record(engine, meaning(command, engine.state), command.actor)
    except BadInput as refusal:
        note = ev.NoteLeft(text=f"{command.verb} was not carried out: {refusal}")
        _record(engine, (note,), command.actor)
    engine.ledger.finish(command)


def _record(engine: Engine, events: Sequence[ev.LedgerData], actor: str) -> None:
    for data in events:
        engine.book.record(data, actor)
    engine.book.flush()


def is_interrupting(engine: Engine) -> bool:
    """Return whether somebody wants the trial in progress to end now."""
    if engine.switch.is_stop_wanted:
        return True
    return any(command.is_now or command.verb in ("stop", "abort") for command in engine.ledger.commands(engine.campaign))
