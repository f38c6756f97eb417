"""Latin hypercubes: designs in which every parameter takes as many different values as there are points."""

from typing import ClassVar

import numpy as np
from pydantic import Field

from agents.encoding import Encoding
from agents.past import first_new, open_members
from agents.rows import from_unit, point_of, satisfies, with_proper_types
from agents.spread import distant_point
from orchestrator.domain.base import Point, Value
from orchestrator.domain.chance import generator
from orchestrator.domain.history import History
from orchestrator.domain.records import Evidence, Suggestion

_POINTS_PER_PARAMETER = 10
"""Loeppky, Sacks and Welch, Technometrics 51, 366 (2009): ten points per parameter inform a first model."""
_MOST_DOUBLINGS = 6
_MOST_DESIGNS = 4
"""Designs looked through for a point not suggested before."""


class LatinHypercubeAgent:
    """Measures one design after another. In a pool, takes the member nearest to the design's next point."""

    loads: ClassVar[tuple[str, ...]] = ("scipy.stats.qmc",)

    class Settings(Value):
        n: int | None = Field(default=None, ge=1, le=10_000)
        """Points of a design, all inside the constraints; by default ten per parameter."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def ask(self, history: History) -> Suggestion:
        n = self.settings.n or _POINTS_PER_PARAMETER * len(history.space.parameters)
        point, reason = self._next(history, n) if history.space.candidates is None else _member(history, n)
        return Suggestion(point=with_proper_types(history.space, point), evidence=Evidence(reason=reason))

    def prepare(self, history: History) -> None:
        pass

    def _next(self, history: History, n: int) -> tuple[Point, str]:
        space = history.space
        first = history.n_suggestions // n
        designs = (point_of(space, row) for number in range(first + _MOST_DESIGNS) for row in design(history, number, n))
        point = first_new(history, designs)
        if point is not None:
            return point, f"the next point of a Latin hypercube of {n} points"
        return distant_point(history), "of many random points the farthest from all earlier ones; no Latin hypercube has a new point here"


def design(history: History, number: int, n: int) -> np.ndarray:
    """Return a design's feasible rows, shape (up to n, parameters).

    Where constraints cut off a part of the box, a larger design is drawn of which about n points lie inside.
    """
    space, rows = history.space, np.empty((0, len(history.space.parameters)))
    for doublings in range(_MOST_DOUBLINGS + 1):
        rows = _of_the_box(history, number, n * 2**doublings)
        rows = rows[satisfies(space, rows)]
        if len(rows) >= n:
            return rows[:n]
    return rows


def _of_the_box(history: History, number: int, n: int) -> np.ndarray:
    from scipy.stats import qmc

    rng = generator(history.seed, history.stream, number, n)
    return from_unit(history.space, qmc.LatinHypercube(len(history.space.parameters), rng=rng).random(n))


def _member(history: History, n: int) -> tuple[Point, str]:
    pool = open_members(history)
    number, position = divmod(history.n_suggestions, n)
    target = _of_the_box(history, number, n)[position]
    encoding = Encoding.of(history.space)
    distances = np.linalg.norm(encoding.of_points(pool) - encoding.of_rows(target[None, :]), axis=1)
    return pool[int(distances.argmin())], f"of {len(pool)} candidates left, the nearest to point {position + 1} of a Latin hypercube"
