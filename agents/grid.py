"""A regular grid, walked to and fro so that each step moves as little as it can."""

from collections.abc import Iterator, Mapping

import numpy as np
from pydantic import field_validator

from agents.past import first_new, open_members
from agents.rows import choices, n_choices, point_of, satisfies, with_proper_types
from orchestrator.domain.base import Point, Value
from orchestrator.domain.errors import AgentError
from orchestrator.domain.history import History
from orchestrator.domain.records import Evidence, Suggestion
from orchestrator.domain.space import Categorical, Continuous, Ordinal, Parameter, Space

_DEFAULT_LEVELS = 10
_MOST_POINTS = 10_000
"""The default number of levels is lowered until the grid has no more points than this."""
_CHUNK = 4096


class GridAgent:
    """Walks a grid in serpentine order, the last parameter fastest. In a pool, takes the members in their order."""

    class Settings(Value):
        levels: int | Mapping[str, int] | None = None
        """Values per continuous or integer parameter, for all or by name; by default 10, fewer in many dimensions. Ordinal
        and categorical parameters always take all their values."""

        @field_validator("levels")
        @classmethod
        def _at_least_one(cls, levels: int | Mapping[str, int] | None) -> int | Mapping[str, int] | None:
            numbers = levels.values() if isinstance(levels, Mapping) else () if levels is None else (levels,)
            if any(number < 1 for number in numbers):
                raise ValueError(f"levels = {levels} must be at least 1; leave it out for a default")
            return levels

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def ask(self, history: History) -> Suggestion:
        if history.space.candidates is not None:
            point = with_proper_types(history.space, open_members(history)[0])
            return Suggestion(point=point, evidence=Evidence(reason="the next candidate in the pool's order"))
        axes = self._axes(history.space)
        point = first_new(history, _walk(history.space, axes))
        n_total = int(np.prod([len(axis) for axis in axes]))
        if point is None:
            message = f"grid exhausted: its {n_total} points have been suggested or break a constraint; raise levels or end the campaign"
            raise AgentError(message)
        return Suggestion(point=point, evidence=Evidence(reason=f"the next point of a grid of {n_total}"))

    def prepare(self, history: History) -> None:
        pass

    def _axes(self, space: Space) -> list[np.ndarray]:
        """Return each parameter's grid values."""
        unknown = set(self.settings.levels) - set(space.names) if isinstance(self.settings.levels, Mapping) else set()
        if unknown:
            raise AgentError(f"levels names {', '.join(sorted(unknown))}, which is no parameter; choose from {', '.join(space.names)}")
        return [_pinned(space, name, _axis(parameter, self._levels(name, space))) for name, parameter in space.parameters.items()]

    def _levels(self, name: str, space: Space) -> int:
        levels = self.settings.levels
        if isinstance(levels, Mapping):
            return levels.get(name, _default_levels(space))
        return _default_levels(space) if levels is None else levels


def _pinned(space: Space, name: str, levels: np.ndarray) -> np.ndarray:
    """Return the one level of a parameter that a constraint keeps at a value, such as one that a person fixed."""
    for constraint in space.constraints:
        if set(constraint.weights) == {name} and constraint.lower is not None and constraint.lower == constraint.upper:
            return np.array([constraint.lower / constraint.weights[name]])
    return levels


def _default_levels(space: Space) -> int:
    """Return the largest number of levels, 2 to 10, that keeps the grid below its largest size."""
    sizes = (
        (levels, np.prod([len(_axis(parameter, levels)) for parameter in space.parameters.values()], dtype=float))
        for levels in range(_DEFAULT_LEVELS, 1, -1)
    )
    return next((levels for levels, size in sizes if size <= _MOST_POINTS), 2)


def _axis(parameter: Parameter, levels: int) -> np.ndarray:
    if isinstance(parameter, Ordinal | Categorical):
        return np.asarray(choices(parameter))
    low, high = parameter.limits
    if levels == 1:
        middle = (low + high) / 2
        return np.array([middle if isinstance(parameter, Continuous) else float(round(middle))])
    even = np.linspace(low, high, int(min(levels, n_choices(parameter))))
    return even if isinstance(parameter, Continuous) else np.unique(np.round(even))


def _walk(space: Space, axes: list[np.ndarray]) -> Iterator[Point]:
    """Yield the grid's feasible points in serpentine order."""
    sizes = [len(axis) for axis in axes]
    total = int(np.prod(sizes))
    for start in range(0, total, _CHUNK):
        digits = _serpentine(np.arange(start, min(start + _CHUNK, total)), sizes)
        rows = np.column_stack([axis[digits[:, index]] for index, axis in enumerate(axes)])
        for row in rows[satisfies(space, rows)]:
            yield point_of(space, row)


def _serpentine(positions: np.ndarray, sizes: list[int]) -> np.ndarray:
    """Return the grid index of each position, shape (positions, parameters): a reflected mixed-radix Gray code.

    Source: Knuth, The Art of Computer Programming 4A, 7.2.1.1: a digit runs backwards where the number before it is odd.
    """
    digits = np.empty((len(positions), len(sizes)), dtype=int)
    rest = positions
    for index in range(len(sizes) - 1, -1, -1):
        rest, digit = np.divmod(rest, sizes[index])
        digits[:, index] = np.where(rest % 2 == 1, sizes[index] - 1 - digit, digit)
    return digits
