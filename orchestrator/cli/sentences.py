"""Ledger events as lines of a terminal."""

from orchestrator.domain.events import LedgerEvent
from orchestrator.queries.moments import show_moment
from orchestrator.queries.sentences import sentence


def line_of(event: LedgerEvent) -> str:
    """Return ``  12  2025-11-20 22:30:05+01:00  engine      trial-started     trial 3, attempt 1``, in local time."""
    return f"{event.seq:>6}  {show_moment(event.at)}  {event.actor:<14}  {event.type:<19}  {sentence(event.data)}".rstrip()
