"""Drafts become stored rows, linked by their hashes; stored rows become ledger events again."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from orchestrator.domain.errors import LedgerCorrupt, LedgerError
from orchestrator.domain.events import (
    GENESIS,
    MAX_PAYLOAD_BYTES,
    SCHEMA_VERSION,
    Draft,
    LedgerData,
    LedgerEvent,
    chain_hash,
    decode_data,
    encode_data,
    ordered_json,
)
from orchestrator.store.upcasters import UPCASTERS, Upcaster, upcast

SYSTEM = "system"
"""The stream that needs no lease."""

Row = Mapping[str, Any]
"""One stored event: its columns by name, exactly as stored."""


def seal(stream: str, drafts: Sequence[Draft], *, after: int, head: str, token: int) -> tuple[Row, ...]:
    """Return the rows to store.

    Args:
        stream: Where they go.
        drafts: At least one.
        after: Sequence number of the stream's last event; 0 for a new stream.
        head: Hash of the stream's last event, or ``GENESIS``.
        token: The writer's lease token; 0 where no lease is needed.

    Raises:
        LedgerError: If a payload is too large or holds something JSON has no word for.
    """
    if not drafts:
        raise ValueError(f"nothing to append to {stream}; give at least one draft")
    rows: list[Row] = []
    for seq, draft in enumerate(drafts, start=after + 1):
        columns = {
            "stream": stream,
            "seq": seq,
            "at": draft.at.isoformat(),
            "actor": draft.actor,
            "type": draft.data.type,
            "schema_version": SCHEMA_VERSION,
            "token": token,
            "data": _payload(draft.data),
            "prev_hash": head,
        }
        head = chain_hash(columns)
        rows.append({**columns, "hash": head})
    return tuple(rows)


def _payload(data: LedgerData) -> str:
    try:
        payload = encode_data(data)
    except (ValueError, TypeError) as error:
        raise LedgerError(f"{data.type} cannot be written as JSON: {error}; give finite numbers, texts, lists and mappings only") from error
    size = len(payload.encode())
    if size > MAX_PAYLOAD_BYTES:
        raise LedgerError(
            f"{data.type} is {size} bytes, above the limit of {MAX_PAYLOAD_BYTES} bytes for one event; "
            "put arrays and long lists into the artefact store and refer to them"
        )
    return payload


def event_of(row: Row, upcasters: Mapping[int, Upcaster] = UPCASTERS) -> LedgerEvent:
    """Return the event a row holds.

    Raises:
        LedgerCorrupt: If it cannot be decoded; names the event.
    """
    try:
        return LedgerEvent(
            stream=row["stream"],
            seq=row["seq"],
            at=row["at"],
            actor=row["actor"],
            schema_version=row["schema_version"],
            token=row["token"],
            data=_data_of(row, upcasters),
            prev_hash=row["prev_hash"],
            hash=row["hash"],
        )
    except (ValueError, TypeError) as error:
        raise LedgerCorrupt(f"{title(row)} cannot be read: {_cause(error)}; run nightshift verify {row['stream']}") from error


def _data_of(row: Row, upcasters: Mapping[int, Upcaster]) -> LedgerData:
    if row["schema_version"] == SCHEMA_VERSION:
        return decode_data(row["type"], row["data"])
    content = upcast({**json.loads(row["data"]), "type": row["type"]}, row["schema_version"], upcasters)
    return decode_data(content.pop("type"), ordered_json(content))


def _cause(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors()[0]
    return ": ".join((".".join(map(str, first["loc"])) or "data", first["msg"]))


def title(row: Row) -> str:
    """Return how people find the event again."""
    text = f"stream {row['stream']}, event {row['seq']} ({row['type']})"
    return text.encode("utf-8", "backslashreplace").decode()


class ChainCheck:
    """Checks a stream row by row, in order, holding no more than the last one."""

    def __init__(self, stream: str, head: str | None = None) -> None:
        """Args: ``head`` is a hash noted outside the ledger, which some event of the stream must carry."""
        self._stream = stream
        self._sought = head
        self._seq = 0
        self._head: str = GENESIS

    def see(self, row: Row) -> None:
        """Check the next row. Raises LedgerCorrupt."""
        if row["seq"] != self._seq + 1:
            raise LedgerCorrupt(f"stream {self._stream}: event {self._seq + 1} is missing; {title(row)} follows event {self._seq}")
        if row["prev_hash"] != self._head:
            raise LedgerCorrupt(f"{title(row)}: prev_hash is {row['prev_hash']!r} but the event before it has hash {self._head}")
        if _hash_of(row) != row["hash"]:
            raise LedgerCorrupt(f"{title(row)}: hash is {row['hash']!r} but its columns give {_hash_of(row)}: a column was changed")
        self._seq, self._head = self._seq + 1, row["hash"]
        if self._sought == self._head:
            self._sought = None

    def finish(self, projected: tuple[int, str] | None) -> None:
        """Check what only the end tells.

        Args:
            projected: Sequence number and head in the campaign's projection; None when it has none.

        Raises:
            LedgerCorrupt: If the projection or the sought head disagrees with the last row.
        """
        if projected is not None and projected != (self._seq, self._head):
            raise LedgerCorrupt(
                f"stream {self._stream} ends at event {self._seq} with hash {self._head}, but its projection says event {projected[0]} "
                f"with hash {projected[1]}: the tail was cut off, or the projection was changed"
            )
        if self._sought is not None:
            raise LedgerCorrupt(
                f"stream {self._stream}: none of its {self._seq} events has hash {self._sought}: the tail was cut off or rewritten"
            )


def _hash_of(row: Row) -> str:
    """Return the hash the columns give; a text that is no hash when they hold what was never written, such as broken UTF-8."""
    try:
        return chain_hash(row)
    except (ValueError, TypeError) as error:
        return f"none ({error})"
