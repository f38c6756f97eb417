"""A table as a spreadsheet writes it: rows of texts, and columns of one type each."""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from orchestrator.domain.errors import SpecError
from orchestrator.wording import choose_from, show_value

Cell = str | int | float | bool
_WHOLE = re.compile(r"[+-]?(0|[1-9][0-9]{0,17})")
"""A text such as 007 is a name."""
_NUMBER = re.compile(r"[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,3})?")
_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not empty."""

    number: int
    """Counted from 0, without the header and empty rows."""
    line: int
    """In the file, from 1."""
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    name: str
    title: str
    """As it stands in the header, with its type."""
    values: tuple[Cell | None, ...]
    """By row; None where the cell is empty."""


def rows_of(content: bytes, name: str) -> tuple[Row, ...]:
    """Return the header and the rows below it, empty ones left out; cells are stripped.

    Comma, semicolon or tab separate; where it is the semicolon, numbers may have a decimal comma, which becomes a point.

    Raises:
        SpecError: If it is no CSV in UTF-8, or a row has more cells than the header.
    """
    text = _text(content, name)
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found: list[Row] = []
    try:
        for cells in reader:
            stripped = tuple(_decimal_point(cell.strip(), delimiter) for cell in cells)
            if any(stripped):
                found.append(Row(len(found) - 1, reader.line_num, stripped))
    except csv.Error as error:
        raise SpecError(f"{name}:{reader.line_num}: not a CSV: {error}; export it again") from None
    if not found:
        raise SpecError(f"{name}: empty; its first row names the columns")
    for row in found[1:]:
        if len(row.cells) > len(found[0].cells) and any(row.cells[len(found[0].cells) :]):
            told = f"{len(row.cells)} cells under {len(found[0].cells)} columns; name the further columns, or quote what holds a separator"
            raise SpecError(f"{name}:{row.line}: {told}")
    return tuple(found)


def _text(content: bytes, name: str) -> str:
    if content[:2] == b"PK" or b"\0" in content:
        raise SpecError(f"{name}: a workbook, not a CSV; save the sheet as CSV UTF-8 and name that file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise SpecError(f"{name}:{line}: not UTF-8 text; save it as CSV UTF-8") from None


def _decimal_point(cell: str, delimiter: str) -> str:
    pointed = cell.replace(",", ".", 1)
    return pointed if delimiter == ";" and "," in cell and _NUMBER.fullmatch(pointed) else cell


def columns_of(header: Row, rows: Sequence[Row], name: str, *, texts: Sequence[str] = ()) -> tuple[Column, ...]:
    """Return the columns, each of one type: the one in the header, ``batch:text``, or what all its cells are.

    Args:
        header: The row that names them; ``id`` and ``position`` in any case of letters.
        rows: The rows below.
        name: Of the file, for problems.
        texts: Columns that are texts whatever they look like.

    Raises:
        SpecError: If a column has no name, or that of another, or a cell is not of its column's type; names row and column.
    """
    columns: list[Column] = []
    for index, title in enumerate(header.cells):
        cells = [row.cells[index] if index < len(row.cells) else "" for row in rows]
        if not title and not any(cells):
            continue
        called, kind = _named(title, f"{name}:{header.line}", index)
        if called in (column.name for column in columns):
            raise SpecError(f"{name}:{header.line}: two columns are called {called!r}; keep one, or rename it")
        kind = "text" if called in texts else kind
        places = [f"{name}:{row.line}, column {title}" for row in rows]
        columns.append(Column(called, title, _typed(cells, kind, places, called)))
    return tuple(columns)


def _named(title: str, place: str, index: int) -> tuple[str, str]:
    """Return a column's name, and its type, empty where the header says none."""
    called, colon, kind = (part.strip() for part in title.partition(":"))
    if not called:
        raise SpecError(f"{place}: column {index + 1} has no name; name it, or remove it")
    if colon and kind not in _KINDS:
        raise SpecError(f"{place}: column {title!r}: {kind!r} is no type; {choose_from(kind, _KINDS)}")
    return called.lower() if called.lower() in ("id", "position") else called, kind


def _typed(cells: Sequence[str], kind: str, places: Sequence[str], name: str) -> tuple[Cell | None, ...]:
    filled = [cell for cell in cells if cell]
    kind = kind or next((each for each in ("number", "boolean") if any(_KINDS[each](cell) is not None for cell in filled)), "text")
    return tuple(_value(cell, kind, place, name) for cell, place in zip(cells, places, strict=True))


def _value(cell: str, kind: str, place: str, name: str) -> Cell | None:
    if not cell:
        return None
    value = _KINDS[kind](cell)
    if value is None:
        ways = f"correct it, leave it empty, or call the column {name}:text"
        raise SpecError(f"{place} = {show_value(cell)}: not {_ARTICLES[kind]}, as this column holds; {ways}")
    return value


def _whole(cell: str) -> int | None:
    return int(cell) if _WHOLE.fullmatch(cell) else None


def _number(cell: str) -> int | float | None:
    whole = _whole(cell)
    is_name = len(cell.lstrip("+-")) > 1 and cell.lstrip("+-")[0] == "0" and cell.lstrip("+-")[1].isdigit()
    return whole if whole is not None else float(cell) if _NUMBER.fullmatch(cell) and not is_name else None


def _boolean(cell: str) -> bool | None:
    return {"true": True, "false": False}.get(cell.lower())


_KINDS: Mapping[str, Callable[[str], Cell | None]] = {"text": str, "number": _number, "integer": _whole, "boolean": _boolean}
_ARTICLES: Mapping[str, str] = {"text": "a text", "number": "a number", "integer": "a whole number", "boolean": "true or false"}
