"""Ledger events as lines of a terminal."""

from orchestrator.domain.events import LedgerEvent
from orchestrator.queries.sentences import sentence


def line_of(event: LedgerEvent) -> str:
    """Return ``  12  07:31:05  engine      trial-started     trial 3, attempt 1``, in local time."""
    return (
        f"{event.seq:>6}  {event.at.astimezone():%Y-%m-%d %H:%M:%S}  {event.actor:<14}  {event.type:<19}  {sentence(event.data)}".rstrip()
    )
