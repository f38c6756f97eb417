"""The Nelder–Mead simplex, as a search that is replayed.

Sources: Nelder and Mead, Computer Journal 7, 308 (1965); the steps' lengths depend on the number of dimensions as in Gao
and Han, Computational Optimization and Applications 51, 259 (2012), for the classical ones fail in many dimensions.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.local_search.outcomes import NOTHING, Known
from agents.local_search.replay import Search, Wish
from agents.terrain import Terrain

_INDEPENDENT = 0.1
"""An edge that adds less than this share of the first one's length in a new direction adds no dimension."""
_N_DRAWN_PER_PARAMETER = 8


@dataclass(frozen=True, slots=True)
class Vertex:
    """A place, and what was found there."""

    place: np.ndarray
    known: Known

    @property
    def worth(self) -> float:
        return self.known.worth


@dataclass(frozen=True, slots=True)
class Lengths:
    """How far steps go, by the number of dimensions (Gao and Han, eq. 4.1)."""

    expansion: float
    contraction: float
    shrinkage: float

    @classmethod
    def of(cls, n: int) -> "Lengths":
        n = max(n, 2)
        return cls(expansion=1 + 2 / n, contraction=0.75 - 1 / (2 * n), shrinkage=1 - 1 / n)


Measuring = Generator[Wish, Known, Vertex]


class Simplex:
    """One simplex on its way, from its first corners until it has converged."""

    def __init__(self, terrain: Terrain, corners: np.ndarray, *, smallest: float) -> None:
        self._terrain, self._corners, self._smallest = terrain, list(corners), smallest

    def search(self) -> Search:
        """Wish for one point after the other; ends when the simplex is small, or flat within the scatter of its scores."""
        vertices = []
        for number, place in enumerate(self._corners, start=1):
            why = f"corner {number} of {len(self._corners)} of a new simplex"
            vertices.append((yield from self._measure(place, why, self._corners[number:])))
        lengths = Lengths.of(len(vertices) - 1)
        while not self._has_converged(vertices):
            before, vertices = vertices, (yield from self._step(sorted(vertices, key=lambda vertex: -vertex.worth), lengths))
            if _is_same(before, vertices):
                break  # where values are discrete, the simplex may be as small as it can be

    def _step(self, vertices: list[Vertex], lengths: Lengths) -> Generator[Wish, Known, list[Vertex]]:
        """Return the next simplex, from vertices in order, best first."""
        *kept, worst = vertices
        middle = np.mean([vertex.place for vertex in kept], axis=0)
        away = middle - worst.place
        further, outside, inside = (middle + share * away for share in (lengths.expansion, lengths.contraction, -lengths.contraction))
        reflected = yield from self._measure(middle + away, "the worst corner reflected through the others", (further, outside, inside))
        if reflected.worth > kept[0].worth:
            expanded = yield from self._measure(further, "further in a direction that was better than the best")
            return [*kept, max(reflected, expanded, key=lambda vertex: vertex.worth)]
        if reflected.worth > kept[-1].worth:
            return [*kept, reflected]
        contracted = yield from self._measure(outside if reflected.worth > worst.worth else inside, "less far, for far was no better")
        if contracted.worth > max(reflected.worth, worst.worth):
            return [*kept, contracted]
        return (yield from self._shrunk(vertices, lengths.shrinkage))

    def _shrunk(self, vertices: list[Vertex], share: float) -> Generator[Wish, Known, list[Vertex]]:
        best, *others = vertices
        places = [best.place + share * (other.place - best.place) for other in others]
        shrunk = [best]
        for number, place in enumerate(places, start=1):
            shrunk.append((yield from self._measure(place, "all corners drawn towards the best", places[number:])))
        return shrunk

    def _measure(self, place: np.ndarray, why: str, spare: Sequence[np.ndarray] = ()) -> Measuring:
        """Return the vertex where a place can be measured; worth nothing where constraints forbid it."""
        row = self._terrain.nearest(place)
        if row is None:
            return Vertex(place, NOTHING)
        known = yield Wish(row, why, lambda: [row for each in spare if (row := self._terrain.nearest(each)) is not None])
        return Vertex(self._terrain.place_of(row), known)

    def _has_converged(self, vertices: list[Vertex]) -> bool:
        """Return whether the simplex is small, or its corners are worth the same within their scatter."""
        places = np.array([vertex.place for vertex in vertices])
        best, worst = max(vertices, key=lambda vertex: vertex.worth), min(vertices, key=lambda vertex: vertex.worth)
        is_flat = best.worth == worst.worth or best.worth - worst.worth < np.hypot(best.known.sd, worst.known.sd)
        return bool(np.ptp(places, axis=0).max() < self._smallest or is_flat)


def corners_around(terrain: Terrain, start: np.ndarray, rng: np.random.Generator, size: float) -> np.ndarray:
    """Return the corners of a first simplex, shape (dimensions + 1, parameters), the start's place first.

    Steps along single parameters come first. Where constraints forbid those, steps towards random allowed points are
    taken instead, as many as there are independent directions. All corners have the start's categories.
    """
    here = terrain.place_of(start)
    steps = np.array([place - here for place in _around(terrain, here, rng, size)]).reshape(-1, len(here))
    return np.array([terrain.place_of(row) for row in terrain.distinct([here, *(here + steps[_independent(steps)])])])


def _around(terrain: Terrain, here: np.ndarray, rng: np.random.Generator, size: float) -> list[np.ndarray]:
    lengths = np.maximum(size, terrain.gaps)
    numeric = np.flatnonzero(~terrain.is_category)
    along = [
        here + sign * (lengths * np.eye(len(here))[index]) for index in numeric for sign in ((1, -1) if here[index] < 0.5 else (-1, 1))
    ]
    if terrain.listed is not None:
        return along
    if terrain.space.constraints:
        along += list(_drawn(terrain, here, rng, size))
    return [terrain.place_of(row) for place in along if (row := terrain.nearest(place)) is not None]


def _drawn(terrain: Terrain, here: np.ndarray, rng: np.random.Generator, size: float) -> np.ndarray:
    """Return places at most ``size`` away towards random allowed points, which constraints allow too because they are linear."""
    drawn = terrain.place_of(terrain.anywhere(rng, _N_DRAWN_PER_PARAMETER * len(here)))
    drawn[:, terrain.is_category] = here[terrain.is_category]
    distances = np.maximum(np.linalg.norm(drawn - here, axis=1, keepdims=True), 1e-12)
    return here + np.minimum(1.0, size / distances) * (drawn - here)


def _independent(steps: np.ndarray) -> np.ndarray:
    """Return the indices of steps that point in independent directions, by pivoted QR."""
    if not np.any(steps):
        return np.empty(0, dtype=int)
    from scipy.linalg import qr

    factors: Any = qr(steps.T, mode="r", pivoting=True)
    triangle, order = factors
    diagonal = np.abs(np.diag(triangle))
    return order[: len(diagonal)][diagonal > _INDEPENDENT * diagonal[0]]


def _is_same(one: list[Vertex], other: list[Vertex]) -> bool:
    return {tuple(vertex.place) for vertex in one} == {tuple(vertex.place) for vertex in other}
