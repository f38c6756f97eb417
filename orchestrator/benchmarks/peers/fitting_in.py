"""What adapters share: chance, points an engine did not choose among, and one direction for all objectives."""

import random
from collections.abc import Mapping, Sequence

import numpy as np

from agents.encoding import Encoding
from agents.polytope import repair
from agents.programme import nearest_feasible
from agents.rows import point_of, rows_of, satisfies, with_proper_types
from orchestrator.benchmarks.tasks import Goal
from orchestrator.domain.base import Point
from orchestrator.domain.space import Categorical, Continuous, Ordinal, Space

MEMBERS = "members"
BOX_AND_SNAP = "box and snap"


def seed_all(seed: int) -> None:
    """Seed every generator that a library may use, and let torch use one thread."""
    import torch

    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.set_num_threads(1)


def limits_of(space: Space) -> dict[str, tuple[float, float]]:
    """Return the lowest and highest number of every parameter; with a pool, those of its members."""
    encoding = Encoding.of(space)
    highs = encoding.low + encoding.span
    return {name: (float(low), float(high)) for name, low, high in zip(space.names, encoding.low, highs, strict=True)}


def has_categories(space: Space) -> bool:
    return any(isinstance(parameter, Categorical) for parameter in space.parameters.values())


def kept(space: Space, point: Point) -> Point:
    """Return the point, or the nearest that satisfies the constraints."""
    row = rows_of(space, [point])
    if satisfies(space, row)[0]:
        return with_proper_types(space, point)
    return point_of(space, repair(space, nearest_feasible(space, row[0])[None])[0])


def with_real_numbers(space: Space, point: Point) -> Point:
    """Return the point as Ax and what is built on it take it: there, a real number that happens to be whole is not an ``int``."""
    is_real = {name: isinstance(parameter, Continuous | Ordinal) for name, parameter in space.parameters.items()}
    return {name: float(value) if is_real[name] else value for name, value in point.items()}


def upward(goal: Goal) -> float:
    """Return the sign that makes larger better."""
    return 1.0 if goal == "maximise" else -1.0


def values_upward(values: Mapping[str, float], goals: Mapping[str, Goal]) -> list[float]:
    """Return values by objective, larger the better."""
    return [upward(goal) * values[name] for name, goal in goals.items()]


class Untried:
    """The members of a pool that were not measured yet; all of them once none is left."""

    def __init__(self, space: Space) -> None:
        self._members: Sequence[Point] = tuple(space.candidates or ())
        self._encoding = Encoding.of(space)
        self._places = self._encoding.of_points(self._members)
        self._open = np.ones(len(self._members), dtype=bool)

    def tried(self, point: Point) -> None:
        self._open[self._nearest_of(point, np.ones_like(self._open))] = False

    def nearest(self, point: Point) -> Point:
        """Return the member nearest to a point, each axis relative to the pool's range."""
        return self._members[self._nearest_of(point, self.open_members())]

    def open_members(self) -> np.ndarray:
        """Return which members are open, shape (members,)."""
        return self._open if self._open.any() else np.ones_like(self._open)

    def open_points(self) -> list[Point]:
        return [self._members[int(index)] for index in np.flatnonzero(self.open_members())]

    def _nearest_of(self, point: Point, among: np.ndarray) -> int:
        distance = np.linalg.norm(self._places - self._encoding.of_points([point]), axis=1)
        return int(np.argmin(np.where(among, distance, np.inf)))
