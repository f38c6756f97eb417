"""What people tell a campaign over samples: about itself it is carried out here, about what runs now it is passed on to the part."""

from dataclasses import replace

from orchestrator.bootstrap.samples.whole import Whole
from orchestrator.domain import events as ev
from orchestrator.domain.campaign import Status
from orchestrator.domain.errors import BadInput
from orchestrator.domain.ports import Command
from orchestrator.engine.meanings import meaning
from orchestrator.engine.orders import not_carried_out
from orchestrator.processes import this_person

_PASSED_ON = ("pause", "resume")
_ENDING = ("stop", "abort")
_ELSEWHERE = ("start", "safe-stop")
"""Taken as the whole begins, or by the supervisor."""


def take_orders(whole: Whole) -> None:
    """Carry out what was ordered while no part is driven: the inbox, then the terminal."""
    for command in whole.workplace.ledger.commands(whole.campaign):
        if command.verb not in _ELSEWHERE:
            carry_out(whole, command)
    if whole.state.status.is_final or whole.state.status is Status.CREATED:
        return
    if whole.terminal.switch.is_stop_wanted and whole.state.status is not Status.STOPPED:
        whole.record(ev.CampaignStopped(reason="stopped from the terminal"), actor=this_person())
    elif whole.state.status is Status.RUNNING and whole.terminal.switch.take_pause():
        whole.record(ev.CampaignPaused(reason="paused from the terminal"), actor=this_person())


def carry_out(whole: Whole, command: Command) -> None:
    """Turn one command into events of the whole; it leaves the inbox only after they are durable."""
    try:
        events = meaning(command, whole.state)
    except BadInput as refusal:
        events = (ev.NoteLeft(text=f"{not_carried_out(command)}{refusal}"),)
    if command.verb == "skip" and whole.state.status is Status.HELD and not whole.part:
        events = (*events, ev.CampaignResumed(reason=f"{command.content.get('sample')} is left"))
    whole.record(*events, actor=command.actor)
    whole.workplace.ledger.finish(command)


def pass_on(whole: Whole) -> None:
    """Let the part that is driven hear what was ordered of the whole; its engine calls this before it looks into its inbox."""
    for command in whole.workplace.ledger.commands(whole.campaign):
        if command.verb in _PASSED_ON:
            _send(whole, command)
            whole.workplace.ledger.finish(command)
        elif command.verb in _ENDING and whole.ending is None:
            whole.ending = command
            _send(whole, command)
        elif command.verb not in (*_ENDING, *_ELSEWHERE):
            carry_out(whole, command)
            _end_skipped(whole, command)


def _send(whole: Whole, command: Command) -> None:
    whole.workplace.ledger.send(replace(command, id=0, campaign=whole.part))


def _end_skipped(whole: Whole, command: Command) -> None:
    """End the running part if its sample is the one that was skipped just now."""
    running = whole.state.parts.running
    if command.verb == "skip" and running is not None and running.sample in whole.state.parts.skipped:
        note = whole.state.parts.skipped[running.sample]
        _send(whole, replace(command, verb="abort", note=note, content={}))
