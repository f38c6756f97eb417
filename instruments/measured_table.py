"""A CSV of settings and measured values, where rows that share all settings are replicates."""

import csv
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestrator.domain.base import Point, Setting
from orchestrator.domain.errors import BadInput
from orchestrator.domain.space import Categorical, Continuous, Integer, Ordinal, Parameter, same_point, show_point
from orchestrator.domain.spec import NAME

MOST_ORDINAL_VALUES = 20
"""Columns with more distinct numbers are a range, not a list of choices."""

_UNIT_IN_HEADER = re.compile(r"^(?P<name>.*?)\s*[(\[](?P<unit>[^)\]]*)[)\]]$")

Cells = Sequence[str]
Reading = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class MeasuredTable:
    """Distinct settings in file order, each with its replicates."""

    source: str
    units: Mapping[str, str]
    parameters: Mapping[str, Parameter]
    replicates: Mapping[tuple[Setting, ...], tuple[Reading, ...]]
    """Measured values by settings, in the order of ``parameters``."""
    signals: tuple[str, ...]

    @property
    def candidates(self) -> tuple[Point, ...]:
        return tuple(dict(zip(self.parameters, key, strict=True)) for key in self.replicates)

    def replicates_at(self, point: Point) -> tuple[Reading, ...]:
        """Return what was measured at a candidate.

        Raises:
            BadInput: If the point is no candidate; names the nearest.
        """
        if set(point) != set(self.parameters):
            raise BadInput(f"the point names {', '.join(sorted(point))} but {self.source} has {', '.join(self.parameters)}; name each once")
        exact = self.replicates.get(self._key(point))
        if exact is not None:
            return exact
        nearest = self.nearest(point)
        if same_point(point, nearest):
            return self.replicates[self._key(nearest)]
        raise BadInput(
            f"{show_point(point)} was never measured in {self.source}; the nearest of its {len(self.replicates)} "
            f"settings is {show_point(nearest)}; suggest a member of the pool"
        )

    def nearest(self, point: Point) -> Point:
        """Return the candidate at the smallest distance, each axis relative to its own span."""
        return min(self.candidates, key=lambda candidate: _distance(self.parameters, point, candidate))

    def _key(self, point: Point) -> tuple[Setting, ...]:
        return tuple(point[name] for name in self.parameters)


def read_table(path: Path, signals: Mapping[str, str] | None = None, units: Mapping[str, str] | None = None) -> MeasuredTable:
    """Return the measurements in a CSV with a header line.

    A unit in a header, such as ``theta (deg)`` or ``dose [Gy]``, becomes the column's unit. A column of settings
    without a single number holds categories.

    Args:
        path: The CSV.
        signals: Columns that were measured, by signal name; None means the last one. All others are settings.
        units: Units by column or signal name; they override those in the header.

    Raises:
        BadInput: If the file cannot be read, has no rows, or a cell cannot be used; names the line and the column.
    """
    header, rows = _cells(path)
    names, header_units = _names(path, header)
    measured = _measured_columns(path, names, signals)
    columns = {name: [row[index] for row in rows] for index, name in enumerate(names)}
    settings = {name: _setting_column(path, name, cells) for name, cells in columns.items() if name not in measured.values()}
    if not settings:
        raise BadInput(f"{path}: every column is a signal ({', '.join(names)}); leave the columns that were set out of signals")
    readings = {signal: _numbers(path, column, columns[column]) for signal, column in measured.items()}
    all_units = {**header_units, **{signal: header_units[column] for signal, column in measured.items()}, **(units or {})}
    _require_known(path, units or {}, (*settings, *readings), "units")
    return MeasuredTable(
        source=path.name,
        units=all_units,
        parameters={name: _parameter(values, all_units[name]) for name, values in settings.items()},
        replicates=_grouped(settings, readings, len(rows)),
        signals=tuple(readings),
    )


def _cells(path: Path) -> tuple[Cells, list[Cells]]:
    """Return header and rows. ``utf-8-sig`` because spreadsheets write a byte order mark."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [(number, row) for number, row in enumerate(csv.reader(file), start=1) if any(cell.strip() for cell in row)]
    except FileNotFoundError:
        raise BadInput(f"{path}: no such file; paths are relative to the file that names them") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path}: cannot be read as a CSV in UTF-8 ({error}); export it again as CSV") from None
    if len(lines) < 2:
        raise BadInput(f"{path}: has {len(lines)} lines; it needs a header and at least one row")
    (_, header), *rows = lines
    for number, row in rows:
        if len(row) != len(header):
            raise BadInput(f"{path}, line {number}: has {len(row)} cells but the header has {len(header)}; complete the row")
    return header, [[cell.strip() for cell in row] for _, row in rows]


def _names(path: Path, header: Cells) -> tuple[list[str], dict[str, str]]:
    """Return the columns' names and their units."""
    parted = [_UNIT_IN_HEADER.match(cell.strip()) for cell in header]
    names = [(match["name"] if match else cell.strip()).replace(" ", "_") for match, cell in zip(parted, header, strict=True)]
    for cell, name in zip(header, names, strict=True):
        if not re.fullmatch(NAME, name):
            raise BadInput(f"{path}: column {cell!r} cannot be a name; begin with a letter and use letters, digits, dot, dash, underscore")
        if names.count(name) > 1:
            raise BadInput(f"{path}: two columns are called {name!r}; rename one")
    return names, {name: match["unit"] if match else "" for name, match in zip(names, parted, strict=True)}


def _measured_columns(path: Path, names: Sequence[str], signals: Mapping[str, str] | None) -> Mapping[str, str]:
    if signals is None:
        return {names[-1]: names[-1]}
    _require_known(path, signals.values(), names, "signals")
    return signals


def _require_known(path: Path, asked: Iterable[str], names: Sequence[str], setting: str) -> None:
    for name in asked:
        if name not in names:
            raise BadInput(f"{path}: {setting} names {name!r} but the columns are {', '.join(names)}; correct the name")


def _setting_column(path: Path, name: str, cells: Cells) -> list[Setting]:
    """Return a column's numbers, or its names when no cell is a number; a typing error among numbers is refused."""
    if "" in cells:
        raise BadInput(f"{path}: column {name!r} is empty in data row {list(cells).index('') + 1}; fill it in or remove the row")
    if not any(_is_number(cell) for cell in cells):
        return list(cells)
    numbers = _numbers(path, name, cells)
    return [int(number) for number in numbers] if all(number.is_integer() for number in numbers) else list(numbers)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _numbers(path: Path, name: str, cells: Cells) -> list[float]:
    return [_number(path, name, row, cell) for row, cell in enumerate(cells, start=1)]


def _number(path: Path, name: str, row: int, cell: str) -> float:
    number = float(cell) if _is_number(cell) else math.nan
    if not math.isfinite(number):
        raise BadInput(f"{path}: column {name!r} has {cell!r} in data row {row}, not a finite number; correct it or remove the row")
    return number


def _grouped(
    settings: Mapping[str, list[Setting]], readings: Mapping[str, list[float]], n_rows: int
) -> Mapping[tuple[Setting, ...], tuple[Reading, ...]]:
    """Return the replicates of each distinct setting, in file order."""
    groups: dict[tuple[Setting, ...], list[Reading]] = {}
    for row in range(n_rows):
        key = tuple(values[row] for values in settings.values())
        groups.setdefault(key, []).append({signal: values[row] for signal, values in readings.items()})
    return {key: tuple(replicates) for key, replicates in groups.items()}


def _parameter(values: Sequence[Setting], unit: str) -> Parameter:
    """Infer what a column is: names, a few numbers to choose from, whole numbers in a range, or a range."""
    distinct = list(dict.fromkeys(values))
    numbers = [value for value in distinct if not isinstance(value, str)]
    if len(numbers) < len(distinct):
        return Categorical(values=tuple(str(value) for value in distinct), unit=unit)
    if len(numbers) <= MOST_ORDINAL_VALUES:
        return Ordinal(values=tuple(sorted(numbers)), unit=unit)
    if all(isinstance(number, int) for number in numbers):
        return Integer(type="integer", limits=(int(min(numbers)), int(max(numbers))), unit=unit)
    return Continuous(limits=(min(numbers), max(numbers)), unit=unit)


def _distance(parameters: Mapping[str, Parameter], one: Point, other: Point) -> float:
    return math.sqrt(sum(_separation(parameter, one[name], other[name]) ** 2 for name, parameter in parameters.items()))


def _separation(parameter: Parameter, one: Setting, other: Setting) -> float:
    if isinstance(parameter, Categorical) or isinstance(one, str) or isinstance(other, str):
        return float(one != other)
    low, high = parameter.limits if isinstance(parameter, Continuous | Integer) else (parameter.values[0], parameter.values[-1])
    return abs(one - other) / ((high - low) or 1.0)
