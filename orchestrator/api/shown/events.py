"""Raw ledger events, a page at a time."""

from collections.abc import Sequence

from orchestrator.domain.events import LedgerEvent
from orchestrator.queries.raw import event_document
from orchestrator.wire.campaigns import LedgerEvents


def shown_events(events: Sequence[LedgerEvent], limit: int) -> LedgerEvents:
    """Return a page of at most ``limit`` events; a full one says where the next begins."""
    return LedgerEvents(events=tuple(map(event_document, events)), next=events[-1].seq if len(events) == limit else None)
