"""A regular grid, walked to and fro so that each step moves as little as it can."""

from collections.abc import Iterator

import numpy as np
from pydantic import field_validator

from agents.lattice import Levels, at_least_one, axes_of, serpentine
from agents.past import first_new, open_members
from agents.rows import point_of, satisfies, with_proper_types
from orchestrator.domain.base import Point, Value
from orchestrator.domain.errors import AgentError
from orchestrator.domain.history import History
from orchestrator.domain.records import Evidence, Suggestion
from orchestrator.domain.space import Space

_CHUNK = 4096


class GridAgent:
    """Walks a grid in serpentine order, the last parameter fastest. In a pool, takes the members in their order."""

    class Settings(Value):
        levels: Levels = None
        """Values per continuous or integer parameter, for all or by name; by default 10, fewer in many dimensions. Ordinal
        and categorical parameters always take all their values."""

        _at_least_one = field_validator("levels")(at_least_one)

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def ask(self, history: History) -> Suggestion:
        if history.space.candidates is not None:
            point = with_proper_types(history.space, open_members(history)[0])
            return Suggestion(point=point, evidence=Evidence(reason="the next candidate in the pool's order"))
        axes = axes_of(history.space, self.settings.levels)
        point = first_new(history, _walk(history.space, axes))
        n_total = int(np.prod([len(axis) for axis in axes]))
        if point is None:
            message = f"grid exhausted: its {n_total} points have been suggested or break a constraint; raise levels or end the campaign"
            raise AgentError(message)
        return Suggestion(point=point, evidence=Evidence(reason=f"the next point of a grid of {n_total}"))

    def prepare(self, history: History) -> None:
        pass


def _walk(space: Space, axes: list[np.ndarray]) -> Iterator[Point]:
    """Yield the grid's feasible points in serpentine order."""
    sizes = [len(axis) for axis in axes]
    total = int(np.prod(sizes))
    for start in range(0, total, _CHUNK):
        digits = serpentine(np.arange(start, min(start + _CHUNK, total)), sizes)
        rows = np.column_stack([axis[digits[:, index]] for index, axis in enumerate(axes)])
        for row in rows[satisfies(space, rows)]:
            yield point_of(space, row)
