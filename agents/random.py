"""Points drawn evenly from the space: the baseline every other agent must beat."""

from collections.abc import Iterator

import numpy as np

from agents.feasible import draw
from agents.past import first_allowed, first_new, open_members
from agents.rows import listed_rows, n_points, point_of, with_proper_types
from orchestrator.domain.base import Point, Value
from orchestrator.domain.history import History
from orchestrator.domain.records import Evidence, Suggestion

_N_DRAWS = 64
"""Draws from a finite space before it is searched for points that are left."""


class RandomAgent:
    """Suggests points at random; repeats one only where all have been suggested."""

    class Settings(Value):
        """None."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def ask(self, history: History) -> Suggestion:
        rng = history.rng()
        if history.space.candidates is not None:
            pool = open_members(history)
            point = with_proper_types(history.space, pool[rng.integers(len(pool))])
            return Suggestion(point=point, evidence=Evidence(reason=f"drawn at random from {len(pool)} candidates left"))
        return Suggestion(point=random_point(history, rng), evidence=Evidence(reason="drawn at random from the whole space"))

    def prepare(self, history: History) -> None:
        pass


def random_point(history: History, rng: np.random.Generator) -> Point:
    """Return a point drawn from a space without a pool, a new one if any is left.

    Raises:
        AgentError: If no point satisfies the constraints, or every point was refused.
    """
    space = history.space
    if n_points(space) == np.inf and not space.constraints:  # a real number never comes twice: no need to search the past
        return point_of(space, draw(space, rng, 1)[0])
    drawn = [point_of(space, row) for row in draw(space, rng, _N_DRAWS)]
    return first_new(history, drawn) or first_new(history, _shuffled(history, rng)) or first_allowed(history, drawn)


def _shuffled(history: History, rng: np.random.Generator) -> Iterator[Point]:
    rows = listed_rows(history.space)
    for row in rng.permutation(rows if rows is not None else np.empty((0, 0))):
        yield point_of(history.space, row)
