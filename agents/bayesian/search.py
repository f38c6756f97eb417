"""Searching for the point with the highest acquisition, step by step."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from agents.encoding import Encoding
from agents.polytope import repair
from agents.rows import choices, point_of, satisfies, snapped
from orchestrator.domain.base import Point
from orchestrator.domain.space import Categorical, Continuous, Integer, Parameter, Space

_LOCAL_WIDTHS = (0.1, 0.02)
ALTERNATIVES_APART = 0.03
"""Points shown to a person beside each other differ by at least this in the unit cube."""
_MOST_ROUNDS = 3
_MOST_STEPS = 20
_N_RUNNERS_UP = 4
_COARSE_STEP = 0.05
"""Share of an integer's range tried beside steps of one."""


class Worth(Protocol):
    """What is to be made large."""

    def of_cube(self, cube: np.ndarray) -> np.ndarray:
        """Return the worth of points of shape (points, columns), shape (points,)."""
        ...


Scale = Literal["log", "score", "plain"]
"""Logarithms; standardised scores; or numbers without a unit."""


class Criterion(Protocol):
    """What points are ranked by, for the record."""

    @property
    def name(self) -> str:
        """Return what it is called."""
        ...

    @property
    def scale(self) -> Scale:
        """Return what its values are."""
        ...


@dataclass(frozen=True, slots=True)
class Ranked:
    """The best point and its runners-up, best first."""

    points: tuple[Point, ...]
    cube: np.ndarray
    """Shape (points, columns)."""
    values: np.ndarray
    """Their worth, shape (points,)."""


def best_of(encoding: Encoding, points: Sequence[Point], worth: Worth, *, apart: float = 0.0) -> Ranked:
    """Return the best of listed points, each at least ``apart`` from better ones in the unit cube."""
    return _ranked(encoding.of_points(points), worth, apart, lambda index: points[index])


def best_of_rows(encoding: Encoding, rows: np.ndarray, worth: Worth) -> Ranked:
    """Return the best of listed rows, shape (points, parameters)."""
    return _ranked(encoding.of_rows(rows), worth, 0.0, lambda index: point_of(encoding.space, rows[index]))


def _ranked(cube: np.ndarray, worth: Worth, apart: float, point_at: Callable[[int], Point]) -> Ranked:
    values = worth.of_cube(cube)
    best = distinct(cube, values, _N_RUNNERS_UP + 1, apart)
    return Ranked(tuple(point_at(index) for index in best), cube[best], values[best])


def distinct(cube: np.ndarray, values: np.ndarray, n: int, apart: float) -> list[int]:
    """Return the indices of the n best points that keep apart from each other, best first."""
    left = np.argsort(-np.nan_to_num(values, nan=-np.inf), kind="stable")
    kept: list[int] = []
    while len(left) and len(kept) < n:
        best, left = left[0], left[1:]
        kept.append(int(best))
        if apart > 0.0:
            left = left[((cube[left] - cube[best]) ** 2).sum(axis=1) >= apart**2]
    return kept


def around(encoding: Encoding, centres: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Return up to n feasible rows around points of shape (points, columns), shape (rows, parameters)."""
    each = np.resize(centres, (n, centres.shape[1]))
    widths = np.repeat(_LOCAL_WIDTHS, -(-n // len(_LOCAL_WIDTHS)))[:n, None]
    return _allowed(encoding.space, encoding.to_rows(each + widths * rng.standard_normal(each.shape)))


def _allowed(space: Space, rows: np.ndarray) -> np.ndarray:
    """Return the rows moved to allowed values, without those that still break a constraint."""
    moved = repair(space, snapped(space, rows))
    return moved[satisfies(space, moved)]


def ascend(encoding: Encoding, worth: Worth, climb: Callable[[np.ndarray], np.ndarray], rows: np.ndarray) -> np.ndarray:
    """Return where rows of shape (points, parameters) lead.

    Continuous parameters climb the gradient and discrete ones step to better neighbours, in turns, until neither helps.

    Args:
        encoding: Of the space.
        worth: What is to be made large.
        climb: Returns where the gradient leads from rows, discrete parameters unchanged.
        rows: Where to start.
    """
    for _ in range(_MOST_ROUNDS):
        if any(isinstance(parameter, Continuous) for parameter in encoding.space.parameters.values()):
            climbed = _allowed(encoding.space, climb(rows))
            rows = climbed if len(climbed) == len(rows) else np.vstack([climbed, rows])
        stepped = _walk(encoding, worth, rows)
        if np.array_equal(stepped, rows):
            break
        rows = stepped
    return rows


def _walk(encoding: Encoding, worth: Worth, rows: np.ndarray) -> np.ndarray:
    """Step to the best discrete neighbour of every row until none is better."""
    for _ in range(_MOST_STEPS):
        families = [_family(encoding.space, row) for row in rows]
        if all(len(family) == 1 for family in families):
            break
        values = np.split(worth.of_cube(encoding.of_rows(np.vstack(families))), np.cumsum([len(family) for family in families])[:-1])
        stepped = np.array([family[int(np.argmax(value))] for family, value in zip(families, values, strict=True)])
        if np.array_equal(stepped, rows):
            break
        rows = stepped
    return rows


def _family(space: Space, row: np.ndarray) -> np.ndarray:
    """Return a row, first, and the feasible rows one discrete step away from it."""
    neighbours = _neighbours(space, row)
    return np.vstack([row, neighbours[satisfies(space, neighbours)]])


def _neighbours(space: Space, row: np.ndarray) -> np.ndarray:
    found = np.empty((0, len(row)))
    for index, parameter in enumerate(space.parameters.values()):
        for number in _steps(parameter, row[index]):
            neighbour = row.copy()
            neighbour[index] = number
            found = np.vstack([found, neighbour])
    return found


def _steps(parameter: Parameter, number: float) -> np.ndarray:
    """Return the values one step away: all other categories, the neighbouring numbers, and for integers coarser steps too."""
    if isinstance(parameter, Integer):
        coarse = max(1, round(_COARSE_STEP * (parameter.limits[1] - parameter.limits[0])))
        steps = number + np.array([-coarse, -1, 1, coarse])
        return np.unique(steps[(steps >= parameter.limits[0]) & (steps <= parameter.limits[1])])
    numbers = choices(parameter)
    if numbers is None:
        return np.empty(0)
    if isinstance(parameter, Categorical):
        return numbers[numbers != number]
    here = int(np.abs(numbers - number).argmin())
    return np.concatenate([numbers[max(here - 1, 0) : here], numbers[here + 1 : here + 2]])
