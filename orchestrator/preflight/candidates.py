"""A pool of candidates: read from a CSV, given its parameters' types, and refused where a row does not fit."""

import csv
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from orchestrator.domain.base import Point, Setting
from orchestrator.domain.errors import SpecError
from orchestrator.domain.instrument import AxisDescription
from orchestrator.domain.space import Categorical, Continuous, Integer, Ordinal, Parameter, Space
from orchestrator.domain.spec import NAME

MAX_BYTES = 32 * 1024 * 1024
MAX_ROWS = 100_000

NameRow = Callable[[int], str]
"""Names a candidate by its position: ``designs.csv:7``."""


def read_candidates(path: Path, axes: Mapping[str, AxisDescription] | None = None) -> tuple[Point, ...]:
    """Return the points of a CSV whose header names the parameters; row i stands on line i + 2.

    A column of numbers gives numbers, whole ones as integers; any other column gives texts.

    Args:
        path: The CSV, UTF-8.
        axes: The instrument's, if known: the columns of a categorical one stay texts even if they look like numbers.

    Raises:
        SpecError: If the file cannot be used; names the line and what is wrong.
    """
    header, rows = _header_and_rows(path)
    texts = {name for name in header if axes and name in axes and isinstance(axes[name].parameter, Categorical)}
    columns = [_column(path, name, [row[index] for row in rows], name in texts) for index, name in enumerate(header)]
    return tuple(dict(zip(header, row, strict=True)) for row in zip(*columns, strict=True))


def _header_and_rows(path: Path) -> tuple[list[str], list[list[str]]]:
    lines = _lines(path)
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


def _lines(path: Path) -> list[list[str]]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SpecError(f"{path}: larger than {MAX_BYTES // 2**20} MB; keep at most {MAX_ROWS:,} candidates")
        text = path.read_text(encoding="utf-8-sig").rstrip()
        lines = [row for line in text.splitlines() for row in csv.reader([line], strict=True) or [[]]]
    except OSError as error:
        raise SpecError(f"{path}: cannot be read: {error.strerror}; the path is relative to the campaign file") from None
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


def checked_pool(points: Sequence[Point], space: Space, name_row: NameRow) -> tuple[Point, ...]:
    """Return a campaign's own candidates with their parameters' types.

    Raises:
        SpecError: If one does not fit the space, or repeats another; names the first such row.
    """
    typed = tuple({name: _typed(space.parameters.get(name), value) for name, value in point.items()} for point in points)
    first: dict[tuple[Setting, ...], int] = {}
    for index, point in enumerate(typed):
        if problems := space.problems(point):
            raise SpecError(f"{name_row(index)}: {problems[0]}")
        earlier = first.setdefault(identity(point), index)
        if earlier != index:
            raise SpecError(f"{name_row(index)} repeats {name_row(earlier)}; remove one (an agent may measure a candidate several times)")
    return typed


def inside(points: Sequence[Point], space: Space) -> Iterator[Point]:
    """Yield the candidates that lie in a space."""
    return (point for point in points if space.contains(point))


def identity(point: Point) -> tuple[Setting, ...]:
    """Return what two equal points share, whatever the order of their names and the last digits of their numbers."""
    return tuple(value if isinstance(value, str) else float(f"{value:.9g}") for _, value in sorted(point.items()))


def _typed(parameter: Parameter | None, value: Setting) -> Setting:
    match parameter:
        case Categorical():
            return str(value)
        case Continuous() if not isinstance(value, str):
            return float(value)
        case Integer() if isinstance(value, float) and value.is_integer():
            return int(value)
        case Ordinal():
            return next((choice for choice in parameter.values if choice == value), value)
        case _:
            return value
