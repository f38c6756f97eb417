"""A campaign as a table: one row per trial."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from orchestrator.domain.errors import BadInput
from orchestrator.domain.events import LedgerEvent
from orchestrator.domain.records import Objective
from orchestrator.exports.files import write_whole
from orchestrator.queries.record import record_of
from orchestrator.queries.table import Row, table


def write_rows(rows: Sequence[Row], path: Path) -> None:
    """Write one row per trial; the file's suffix chooses the format.

    Raises:
        BadInput: If the suffix is none of the supported ones, or the file cannot be written.
    """
    written_as = _FORMATS.get(path.suffix.lower())
    if written_as is None:
        raise BadInput(f"cannot export to {path.name}: {path.suffix or 'no suffix'} is not supported; end it in {' or '.join(_FORMATS)}")
    write_whole(path, written_as(rows))


def write_table(events: Sequence[LedgerEvent], objectives: tuple[Objective, ...], path: Path) -> None:
    """Write a campaign's table. Raises as ``write_rows``."""
    write_rows(table(record_of(events, objectives)), path)


def csv_text(events: Sequence[LedgerEvent], objectives: tuple[Objective, ...]) -> str:
    """Return a campaign's own table as comma-separated values."""
    return csv_of(table(record_of(events, objectives)))


def csv_of(rows: Sequence[Row]) -> str:
    """Return comma-separated values with a header; an empty cell is a missing value."""
    buffer = io.StringIO()
    if rows:
        writer = csv.DictWriter(buffer, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return buffer.getvalue()


def _json_lines(rows: Sequence[Row]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n" for row in rows)


_FORMATS: Mapping[str, Callable[[Sequence[Row]], str]] = {".csv": csv_of, ".jsonl": _json_lines}
