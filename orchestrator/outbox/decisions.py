"""A campaign's ledger as a Bluesky run: one event for each line, in a stream of that name.

The columns are those that are stored and hashed, so that whoever has the run has the ledger, and can prove it.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from orchestrator.outbox.packing import Document, Named

STREAM = "decisions"
PLAN_NAME = "nightshift_decisions"
TEXTS = ("type", "actor", "at", "data", "prev_hash", "hash")
NUMBERS = ("schema_version", "token")
COLUMNS = (*TEXTS, *NUMBERS)
"""Those of a stored event, besides stream and sequence number, which the run itself tells."""
_FINAL = {"campaign-completed": "success", "campaign-aborted": "abort"}

StoredRow = Mapping[str, Any]
"""A ledger event as it is stored: its columns by name."""


def run_uid(campaign: str) -> str:
    """Return the uid of a campaign's decisions: always the same, so that nobody needs to remember it."""
    return _uid(campaign, "run")


def beginning(first: StoredRow) -> tuple[Named, Named]:
    """Return start and descriptor, from a campaign's first stored event."""
    campaign, time = first["stream"], _seconds(first)
    start: Document = {
        "uid": run_uid(campaign),
        "time": time,
        "plan_name": PLAN_NAME,
        "plan_type": "ledger",
        "nightshift": {"campaign": campaign, "stream": STREAM},
    }
    keys = {name: _key("string") for name in TEXTS} | {name: _key("integer") for name in NUMBERS}
    descriptor: Document = {
        "uid": _uid(campaign, "descriptor"),
        "run_start": start["uid"],
        "time": time,
        "name": STREAM,
        "data_keys": keys,
        "object_keys": {"ledger": list(keys)},
        "configuration": {},
        "hints": {},
    }
    return ("start", start), ("descriptor", descriptor)


def event(row: StoredRow) -> Named:
    """Return the event of one stored ledger event."""
    campaign, seconds = row["stream"], _seconds(row)
    document: Document = {
        "uid": _uid(campaign, f"event {row['seq']}"),
        "descriptor": _uid(campaign, "descriptor"),
        "seq_num": row["seq"],
        "time": seconds,
        "data": {name: row[name] for name in COLUMNS},
        "timestamps": dict.fromkeys(COLUMNS, seconds),
        "filled": {},
    }
    return "event", document


def has_final(rows: Iterable[StoredRow]) -> bool:
    """Return whether one of these events ends the campaign for good."""
    return any(row["type"] in _FINAL for row in rows)


def ending(rows: Sequence[StoredRow]) -> Named | None:
    """Return the stop, if one of these events ends the campaign for good.

    What the engine still tells after that, such as that an aborted campaign's instrument is safe, counts if it is among them.
    """
    for row in rows:
        if (status := _FINAL.get(row["type"])) is not None:
            stop: Document = {
                "uid": _uid(row["stream"], "stop"),
                "run_start": run_uid(row["stream"]),
                "time": _seconds(row),
                "exit_status": status,
                "reason": row["type"],
                "num_events": {STREAM: rows[-1]["seq"]},
            }
            return "stop", stop
    return None


def stored_row(campaign: str, told: Mapping[str, Any]) -> StoredRow:
    """Return a ledger event as it was stored, from one event of the run: its data and its number.

    Raises:
        KeyError: If a column is missing.
    """
    texts = {name: str(told[name]) for name in TEXTS}
    return {"stream": campaign, "seq": int(told["seq_num"]), **texts, **{name: int(told[name]) for name in NUMBERS}}


def _key(dtype: str) -> Document:
    return {"dtype": dtype, "shape": [], "source": "nightshift ledger"}


def _seconds(row: StoredRow) -> float:
    return datetime.fromisoformat(row["at"]).timestamp()


def _uid(campaign: str, what: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"nightshift decisions of {campaign}: {what}"))
