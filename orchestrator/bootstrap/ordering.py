"""People's commands, from any terminal: sent to the runner if it lives, carried out here if it does not."""

import time
from datetime import UTC, datetime
from typing import Literal, cast

from orchestrator.bootstrap.clock import WallClock
from orchestrator.bootstrap.lease_keeper import LeaseKeeper
from orchestrator.bootstrap.reading import find, load_state
from orchestrator.bootstrap.workplace import Workplace
from orchestrator.domain.errors import Busy
from orchestrator.domain.ports import Command
from orchestrator.engine.book import Book
from orchestrator.engine.orders import meaning
from orchestrator.store.holders import is_alive, this_holder

Verb = Literal["pause", "resume", "stop", "abort", "approve", "veto"]

_ANSWER_SECONDS = 5.0
_POLL_SECONDS = 0.1


def has_runner(workplace: Workplace, campaign: str) -> bool:
    """Return whether a living runner, or one on another host that was heard of lately, drives the campaign."""
    found = workplace.ledger.holder(f"campaign:{campaign}")
    if found is None:
        return False
    holder, _lease, expires_at = found
    is_elsewhere = holder.host != this_holder().host
    return expires_at > datetime.now(UTC) and (is_elsewhere or is_alive(holder))


def order(
    workplace: Workplace, verb: str, campaign: str, *, trial: int | None = None, note: str = "", is_now: bool = False, actor: str
) -> str:
    """Carry out a command; return what happened in one sentence.

    Raises:
        BadInput: If the campaign is in no state for it.
    """
    campaign = find(workplace, campaign)
    state = load_state(workplace, campaign)
    command = Command(0, campaign, datetime.now(UTC), actor, cast(Verb, verb), trial, note, is_now)
    meaning(command, state)
    if has_runner(workplace, campaign):
        return _send(workplace, command)
    return _carry_out(workplace, command)


def _send(workplace: Workplace, command: Command) -> str:
    """Put the command into the inbox and wait a moment for the runner to take it."""
    sent = workplace.ledger.send(command)
    deadline = time.monotonic() + _ANSWER_SECONDS
    while time.monotonic() < deadline:
        if all(waiting.id != sent.id for waiting in workplace.ledger.commands(command.campaign)):
            summary = workplace.ledger.summary(command.campaign)
            return f"{command.campaign}: {command.verb} taken; now {summary.status if summary else 'unknown'}"
        time.sleep(_POLL_SECONDS)
    return f"{command.campaign}: {command.verb} is in its inbox and takes effect after the trial in progress"


def _carry_out(workplace: Workplace, command: Command) -> str:
    """Append what the command means, as the campaign's writer for a moment."""
    keeper = LeaseKeeper(workplace.ledger, this_holder())
    try:
        lease = keeper.take(f"campaign:{command.campaign}", take_over=True)
        book = Book(command.campaign, workplace.ledger, lease, WallClock(), workplace.objectives(command.campaign))
        for data in meaning(command, book.state):
            book.record(data, command.actor)
        book.flush()
        return f"{command.campaign}: now {book.state.shown_status} (nobody was running it)"
    except Busy:
        return _send(workplace, command)
    finally:
        keeper.close()
