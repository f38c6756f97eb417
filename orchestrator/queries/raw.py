"""Ledger events as programs read them: every column that goes into the hash, and the hash."""

import json
from typing import Any

from orchestrator.domain.events import LedgerEvent, encode_data


def event_document(event: LedgerEvent) -> dict[str, Any]:
    """Return one line of ``log --json``: every column that goes into the hash, and the hash."""
    return {
        "stream": event.stream,
        "seq": event.seq,
        "at": event.at.isoformat(),
        "type": event.type,
        "actor": event.actor,
        "schema_version": event.schema_version,
        "token": event.token,
        "data": json.loads(encode_data(event.data)),
        "prev_hash": event.prev_hash,
        "hash": event.hash,
    }
