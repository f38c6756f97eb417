"""Samples from a spreadsheet: ``samples: {csv: changer.csv}`` becomes the list that people could have written.

The header names ``id``, ``position`` and whatever else is known of a sample: its metadata. Errors name row and column.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from orchestrator.campaign_file.paths import WAY_OUT, leads_out
from orchestrator.campaign_file.reading import Document
from orchestrator.campaign_file.table_cells import Column, Row, columns_of, rows_of
from orchestrator.domain.errors import SpecError
from orchestrator.wording import show_value
from orchestrator.wording.explaining import KeyPath

MAX_BYTES = 1024 * 1024
_OWN = ("id", "position")


def with_samples(document: Document, folder: Path, *, is_confined: bool = False) -> tuple[Document, Mapping[str, str]]:
    """Return a campaign file with its samples listed, and the SHA-256 of the table they came from, by its path as written.

    Args:
        document: The file's content; one without a table of samples comes back as it is.
        folder: Where relative paths start.
        is_confined: Whether the table must lie in that folder, because the campaign arrived over the network.

    Raises:
        SpecError: If the table cannot be used; names row, column, value and the way out.
    """
    written = document.data.get("samples")
    if not isinstance(written, Mapping):
        return document, {}
    name = _name(document, written)
    if is_confined and leads_out(name, folder):
        raise SpecError(f"{document.at(('samples', 'csv'))} = {show_value(name)}: {WAY_OUT}")
    content = _read(folder / name, f"{document.at(('samples', 'csv'))} = {show_value(name)}")
    columns, rows = _table(content, name)
    origins = {path: origin for path, origin in document.origins.items() if path[:1] != ("samples",)}
    samples = [_sample(row, columns) for row in rows]
    listed = replace(document, data={**document.data, "samples": samples}, origins=origins | dict(_origins(name, rows, columns)))
    return listed, {name: hashlib.sha256(content).hexdigest()}


def _name(document: Document, written: Mapping[Any, Any]) -> str:
    name = written.get("csv")
    if set(written) != {"csv"} or not isinstance(name, str):
        raise SpecError(f"{document.at(('samples',))}: must be a list of samples or {{csv: FILE}}; name the file that lists them")
    return name


def _read(path: Path, told: str) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise SpecError(f"{told}: cannot be read: {error.strerror}; the path is relative to the campaign file") from None
    if len(content) > MAX_BYTES:
        raise SpecError(f"{told}: larger than {MAX_BYTES // 1024} kB; keep the rows and columns that this campaign needs")
    return content


def _table(content: bytes, name: str) -> tuple[tuple[Column, ...], tuple[Row, ...]]:
    header, *rows = rows_of(content, name)
    if not rows:
        raise SpecError(f"{name}: a header without a row; list at least one sample")
    columns = columns_of(header, rows, name, texts=("id",))
    if "id" not in [column.name for column in columns]:
        named = ", ".join(column.name for column in columns)
        raise SpecError(f"{name}:{header.line}: no column is called id; the columns are {named}; call one of them id")
    return columns, tuple(rows)


def _sample(row: Row, columns: Sequence[Column]) -> dict[str, Any]:
    known = {column.name: value for column in columns if (value := column.values[row.number]) is not None}
    metadata = {name: value for name, value in known.items() if name not in _OWN}
    return {**{name: known[name] for name in _OWN if name in known}, **({"metadata": metadata} if metadata else {})}


def _origins(name: str, rows: Sequence[Row], columns: Sequence[Column]) -> Iterator[tuple[KeyPath, str]]:
    """Yield where every value stands, for the problems that are found later."""
    for row in rows:
        place: KeyPath = ("samples", row.number)
        yield place, f"{name}:{row.line}"
        for column in columns:
            own = (column.name,) if column.name in _OWN else ("metadata", column.name)
            yield (*place, *own), f"{name}:{row.line}, column {column.title}"
