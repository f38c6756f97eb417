"""What agents share that search step by step: where searches begin, and what is done when one only waits."""

from collections.abc import Callable, Iterator
from itertools import count

import numpy as np

from agents.local_search.outcomes import Outcomes
from agents.local_search.replay import Search, first_unmeasured
from agents.past import open_members
from agents.random import random_point
from agents.rows import point_of, rows_of, with_proper_types
from agents.terrain import Terrain
from orchestrator.domain.base import Point
from orchestrator.domain.chance import generator
from orchestrator.domain.history import History
from orchestrator.domain.records import Evidence, Suggestion

Begin = Callable[[Terrain, np.ndarray, np.random.Generator], Search]
"""Returns a search that begins at a row, shape (parameters,)."""


def searched(history: History, method: str, begin: Begin) -> Suggestion:
    """Return the next point of the first search that is not over.

    The first search begins at the best point that was known before the method's own first suggestion, later ones anywhere.

    Raises:
        AgentError: If no point is left.
    """
    if history.space.candidates is not None:
        open_members(history)
    terrain = Terrain(history.space)
    outcomes = Outcomes(history, terrain)
    is_used_up = terrain.listed is not None and all(outcomes.is_taken(row) for row in terrain.listed)
    found = None if is_used_up else first_unmeasured(_searches(history, outcomes, terrain, method, begin), outcomes)
    if found is None:
        point, why = _at_random(history), "drawn at random, because the search only waits or comes back to known points"
    else:
        point, why = point_of(history.space, found[0]), found[1]
    return Suggestion(point=with_proper_types(history.space, point), evidence=Evidence(reason=why, model={"method": method}))


def _searches(history: History, outcomes: Outcomes, terrain: Terrain, method: str, begin: Begin) -> Iterator[Search]:
    for number in count(1):
        rng = generator(history.seed, history.stream, 0, number)
        start = _known_start(history, outcomes, method) if number == 1 else None
        yield begin(terrain, terrain.anywhere(rng, 1)[0] if start is None else start, rng)


def _known_start(history: History, outcomes: Outcomes, method: str) -> np.ndarray | None:
    own = (index for index, trial in enumerate(history.trials) if trial.evidence.model.get("method") == method)
    best = outcomes.best_of(history.trials[: next(own, len(history.trials))])
    return None if best is None else rows_of(history.space, [best.point])[0]


def _at_random(history: History) -> Point:
    rng = history.rng()
    if history.space.candidates is None:
        return random_point(history, rng)
    pool = open_members(history)
    return pool[int(rng.integers(len(pool)))]
