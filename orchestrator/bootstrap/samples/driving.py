"""Driving a campaign over samples: one step after another until nothing is left to do."""

import contextlib
from typing import assert_never

from orchestrator.bootstrap.samples.orders import take_orders
from orchestrator.bootstrap.samples.parts import run_part
from orchestrator.bootstrap.samples.whole import Whole
from orchestrator.domain import events as ev
from orchestrator.domain.campaign import CampaignState, Status
from orchestrator.domain.errors import LeaseLost, LedgerFull, NightshiftError
from orchestrator.engine import actions as act
from orchestrator.engine.meanings import end_time
from orchestrator.engine.next_part import RunPart, Step, next_step
from orchestrator.engine.waiting import POLL_SECONDS


def drive_whole(whole: Whole) -> CampaignState:
    """Drive until it ends, or until a person is needed and the runner is not to wait.

    Call it again after any crash: the part that ran is gone on with, and what is measured is never measured again.

    Raises:
        LeaseLost: Another runner took over; nothing more was recorded or moved.
        NightshiftError: What ended it; the safe state is in force and it is recorded as failed.
    """
    try:
        _recover(whole)
        _run(whole)
    except LeaseLost:
        raise
    except LedgerFull as error:
        _end_badly(whole, ev.CampaignPaused(reason=f"{error}; free space, then resume"))
        raise
    except BaseException as error:  # the part's own loop has made the instrument safe; here it is only put on record
        _end_badly(whole, ev.CampaignFailed(reason=f"{type(error).__name__}: {error}"))
        raise
    return whole.state


def _end_badly(whole: Whole, last: ev.LedgerData) -> None:
    with contextlib.suppress(NightshiftError, OSError):
        whole.book.reload()
        whole.record(last)


def _recover(whole: Whole) -> None:
    """Say that somebody goes on."""
    if whole.state.status is Status.CREATED or whole.state.status.is_final:
        return
    asked = [command for command in whole.workplace.ledger.commands(whole.campaign) if command.verb == "resume"]
    left_as = "the runner before ended without a word" if whole.state.status is Status.RUNNING else f"resumed after {whole.state.status}"
    why = next((command.note for command in asked if command.note), "") or whole.terminal.begun_because or left_as
    whole.record(ev.CampaignResumed(reason=why), actor=asked[0].actor if asked else "engine")
    for command in asked:
        whole.workplace.ledger.finish(command)


def _run(whole: Whole) -> None:
    while True:
        take_orders(whole)
        step = next_step(whole.spec, whole.state, whole.clock.now())
        if isinstance(step, act.Leave) or (isinstance(step, act.AwaitPerson) and not whole.terminal.waits):
            break
        _perform(whole, step)
    if whole.state.status.is_final:
        take_orders(whole)  # what comes too late is refused on record


def _perform(whole: Whole, step: Step) -> None:
    match step:
        case act.Begin():
            _begin(whole)
        case RunPart():
            run_part(whole, step)
        case act.AwaitPerson():
            whole.show(str(whole.state.status), whole.state.reason)
            whole.clock.wait(POLL_SECONDS)
        case act.Complete(reason):
            whole.record(ev.CampaignCompleted(reason=reason))
        case act.Leave():
            pass
        case _:
            assert_never(step)


def _begin(whole: Whole) -> None:
    """Start; whoever asked for it is named as the one who did."""
    asked = [command for command in whole.workplace.ledger.commands(whole.campaign) if command.verb == "start"]
    now = whole.clock.now()
    started = ev.CampaignStarted(ends_at=end_time(whole.spec.budget, now, now), start_positions=whole.rig.executor.status().positions)
    whole.record(started, actor=asked[0].actor if asked else "engine")
    for command in asked:
        whole.workplace.ledger.finish(command)
