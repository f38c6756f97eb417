"""Rows of earlier measurements: an exported campaign, or any CSV whose header names parameters and objectives."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestrator.domain.errors import SpecError


@dataclass(frozen=True, slots=True)
class EarlierRow:
    """One measured point."""

    line: int
    """In the file, counted from 1."""
    cells: Mapping[str, str]
    """By what a column is called in a campaign."""


def read_rows(path: Path, names: Sequence[str]) -> tuple[EarlierRow, ...]:
    """Return the rows that have something in all of these columns; a trial that was never scored has no score.

    Raises:
        SpecError: If the file cannot be read, lacks a column, or no row has all of them; names both.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows = [(reader.line_num, row) for row in reader]
    except OSError as error:
        raise SpecError(f"{path}: cannot be read: {error.strerror}; the path is relative to the campaign file") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise SpecError(f"{path}: no CSV in UTF-8: {error}; export it again") from None
    header = {} if not rows else {_plain(column): column for column in rows[0][1] if column}
    missing = [name for name in names if name not in header]
    if missing:
        raise SpecError(f"{path}: has no column {', '.join(missing)}; it has {', '.join(header) or 'no rows'}; rename or add it")
    cells = [EarlierRow(line, {name: (row[column] or "").strip() for name, column in header.items()}) for line, row in rows]
    kept = tuple(row for row in cells if all(row.cells[name] for name in names))
    if not kept:
        raise SpecError(f"{path}: no row has all of {', '.join(names)}; give measured points")
    return kept


def _plain(column: str) -> str:
    """Return what a column of an export is called in the campaign: ``setpoint.x [mm]`` is ``x``, ``score.peak`` is ``peak``."""
    return re.sub(r"\s*[\[(].*[\])]\s*$", "", column).removeprefix("setpoint.").removeprefix("score.").strip()
