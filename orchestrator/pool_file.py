"""A pool of candidates as a CSV file holds it."""

import csv
import math
import re
from collections.abc import Collection, Sequence
from pathlib import Path

from orchestrator.domain.base import Point, Setting
from orchestrator.domain.errors import SpecError
from orchestrator.domain.spec import NAME

MAX_BYTES = 32 * 1024 * 1024
MAX_ROWS = 100_000


def read_pool(path: Path, texts: Collection[str] = (), *, relative_to: str = "the campaign file") -> tuple[Point, ...]:
    """Return the points of a CSV whose header names the parameters; row i stands on line i + 2.

    A column of numbers gives numbers, whole ones as integers; any other column gives texts.

    Args:
        path: The CSV, UTF-8.
        texts: The columns that stay texts even if they look like numbers: those of categorical parameters.
        relative_to: What a relative path was resolved against, in words, for whoever named a file that is not there.

    Raises:
        SpecError: If the file cannot be used; names the line and what is wrong.
    """
    header, rows = _header_and_rows(path, relative_to)
    columns = [_column(path, name, [row[index] for row in rows], name in texts) for index, name in enumerate(header)]
    return tuple(dict(zip(header, row, strict=True)) for row in zip(*columns, strict=True))


def _header_and_rows(path: Path, relative_to: str) -> tuple[list[str], list[list[str]]]:
    lines = _lines(path, relative_to)
    header = [cell.strip() for cell in lines[0]]
    for index, name in enumerate(header):
        if not re.fullmatch(NAME, name):
            raise SpecError(f"{path}:1: column {index + 1} is called {name!r}; the header names one parameter per column")
        if name in header[:index]:
            raise SpecError(f"{path}:1: two columns are called {name!r}; keep one")
    if len(lines) == 1:
        raise SpecError(f"{path}: a header without a row; list at least one candidate")
    for number, row in enumerate(lines[1:], start=2):
        if len(row) != len(header):
            raise SpecError(f"{path}:{number}: {len(row)} cells under {len(header)} columns; complete the row or remove it")
    return header, [[cell.strip() for cell in row] for row in lines[1:]]


def _lines(path: Path, relative_to: str) -> list[list[str]]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SpecError(f"{path}: larger than {MAX_BYTES // 2**20} MB; keep at most {MAX_ROWS:,} candidates")
        text = path.read_text(encoding="utf-8-sig").rstrip()
        lines = [row for line in text.splitlines() for row in csv.reader([line], strict=True) or [[]]]
    except OSError as error:
        raise SpecError(f"{path}: cannot be read: {error.strerror}; the path is relative to {relative_to}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise SpecError(f"{path}: not a CSV in UTF-8: {error}; export it again") from None
    if not lines:
        raise SpecError(f"{path}: empty; its first line names the parameters")
    if len(lines) - 1 > MAX_ROWS:
        raise SpecError(f"{path}: {len(lines) - 1:,} candidates, above the limit of {MAX_ROWS:,}; thin them out")
    return lines


def _column(path: Path, name: str, cells: Sequence[str], is_text: bool) -> list[Setting]:
    numbers = [_number(cell) for cell in cells]
    if is_text or all(number is None for number in numbers):
        return list(cells)
    for line, (cell, number) in enumerate(zip(cells, numbers, strict=True), start=2):
        if number is None or not math.isfinite(number):
            raise SpecError(f"{path}:{line}: {name} = {cell!r} is not a finite number as in other rows; correct it or remove the row")
    return [number for number in numbers if number is not None]


def _number(cell: str) -> int | float | None:
    for kind in (int, float):
        try:
            return kind(cell)
        except ValueError:
            continue
    return None
