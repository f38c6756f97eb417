"""The first points, before there is enough to learn from."""

import numpy as np

from agents.encoding import Encoding
from agents.past import key_of, member_rows, open_members
from agents.rows import with_proper_types
from agents.spread import sobol_point
from orchestrator.domain.base import Point
from orchestrator.domain.history import History
from orchestrator.domain.records import Evidence, Suggestion
from orchestrator.domain.space import Space

_MOST_REFERENCES = 1000
"""Members of a large pool that stand for all of it."""
_MOST_CANDIDATES = 100
"""Few, drawn at random, so that another seed gives another design."""


def usual_length(space: Space) -> int:
    """Return how many points fill the space before a model decides: two per parameter, at least 5, at most 10."""
    return min(max(5, 2 * len(space.parameters)), 10)


def opening_suggestion(history: History, encoding: Encoding, *, n_done: int, n_initial: int) -> Suggestion:
    """Return the next point of the initial design.

    Raises:
        AgentError: If no point is left.
    """
    point, why = sobol_point(history) if history.space.candidates is None else _representative_member(history, encoding)
    return Suggestion(point=point, evidence=Evidence(reason=f"initial design, {min(n_done + 1, n_initial)} of {n_initial}: {why}"))


def _representative_member(history: History, encoding: Encoding) -> tuple[Point, str]:
    """Return the member that makes the suggested points resemble the whole pool most.

    Greedy minimisation of the energy distance between the points suggested and the pool (support points: Mak and
    Joseph, Annals of Statistics 46, 2562 (2018)). The farthest member, the usual choice, lies on the pool's rim,
    where a mechanism is least typical.
    """
    space, rng = history.space, history.rng()
    pool = open_members(history)
    drawn = [pool[index] for index in rng.permutation(len(pool))[:_MOST_CANDIDATES]]
    earlier = [point for point in history.suggested_points() if key_of(space, point)]
    candidates = encoding.of_points(drawn)
    everything = encoding.of_rows(member_rows(space))
    references = everything[rng.permutation(len(everything))[:_MOST_REFERENCES]]
    energy = 2 * (len(earlier) + 1) * _mean_distance(candidates, references)
    for taken in encoding.of_points(earlier):
        energy -= 2 * np.linalg.norm(candidates - taken, axis=1)
    point = with_proper_types(space, drawn[int(np.argmin(energy))])
    return point, f"of {len(pool)} candidates left, the one that best completes a fair sample of the pool"


def _mean_distance(here: np.ndarray, references: np.ndarray) -> np.ndarray:
    """Return the mean distance from each row of ``here`` to the references, shape (rows,)."""
    return np.array([np.linalg.norm(references - row, axis=1).mean() for row in here])
