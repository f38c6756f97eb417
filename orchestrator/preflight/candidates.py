"""A pool of candidates: read from a CSV, given its parameters' types, and refused where a row does not fit."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from orchestrator.domain.base import Point, Setting
from orchestrator.domain.errors import SpecError
from orchestrator.domain.instrument import AxisDescription
from orchestrator.domain.space import Categorical, Continuous, Integer, Ordinal, Parameter, Space
from orchestrator.pool_file import read_pool

NameRow = Callable[[int], str]
"""Names a candidate by its position: ``designs.csv:7``."""


def read_candidates(path: Path, axes: Mapping[str, AxisDescription] | None = None) -> tuple[Point, ...]:
    """Return the points of a CSV whose header names the parameters; row i stands on line i + 2.

    Args:
        path: The CSV, UTF-8.
        axes: The instrument's, if known: the columns of a categorical one stay texts even if they look like numbers.

    Raises:
        SpecError: If the file cannot be used; names the line and what is wrong.
    """
    return read_pool(path, {name for name, axis in (axes or {}).items() if isinstance(axis.parameter, Categorical)})


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
