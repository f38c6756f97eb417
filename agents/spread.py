"""Spreading points evenly before anything is known: Sobol sequences, and the most distant members of a pool."""

from collections.abc import Sequence

import numpy as np

from agents.encoding import Encoding
from agents.feasible import draw
from agents.past import first_new, key_of, new_among
from agents.random import random_point
from agents.rows import from_unit, point_of, satisfies
from orchestrator.domain.base import Point
from orchestrator.domain.chance import generator
from orchestrator.domain.history import History

_LOG2_LONGEST = 14
"""The sequence is searched for feasible points up to this power of two; beyond, the region counts as thin."""
_N_SPREAD = 512
"""How many points a thin region is represented by."""

_CHUNK = 1024
"""Points compared with all others at once, so that memory does not grow with their number."""


def sobol_point(history: History) -> tuple[Point, str]:
    """Return the next point of a scrambled Sobol sequence and a sentence about it.

    The scrambling is drawn once per campaign; the position in the sequence is the number of suggestions so far.
    """
    space, n_before = history.space, history.n_suggestions
    log2 = min(max(8, int(np.ceil(np.log2(4 * (n_before + 1))))), _LOG2_LONGEST)
    rows = from_unit(space, _sobol(history, log2))
    rows = rows[satisfies(space, rows)]
    point = first_new(history, (point_of(space, row) for row in rows[n_before:]))
    if point is not None:
        return point, f"point {n_before + 1} of a Sobol sequence, which fills the space evenly"
    if len(rows) > n_before:
        return random_point(history, history.rng()), "drawn at random, because the Sobol sequence only repeats earlier points"
    return distant_point(history), "of many random points the farthest from all earlier ones; the constraints leave a thin region"


def farthest(encoding: Encoding, points: Sequence[Point], others: Sequence[Point], rng: np.random.Generator) -> Point:
    """Return the point whose nearest other is most distant, in the unit cube; any point when there are no others."""
    if not others:
        return points[int(rng.integers(len(points)))]
    return points[int(np.argmax(distance_to_nearest(encoding.of_points(points), encoding.of_points(others))))]


def distant_point(history: History) -> Point:
    """Return of many feasible points, drawn at random, the one farthest from all earlier ones.

    Raises:
        AgentError: If no point satisfies the constraints, or every point was refused.
    """
    space, rng = history.space, history.rng()
    drawn = [point_of(space, row) for row in draw(space, rng, _N_SPREAD)]
    earlier = [point for point in history.suggested_points() if key_of(space, point)]
    fresh = list(new_among(history, drawn))
    return farthest(Encoding.of(space), fresh, earlier, rng) if fresh else random_point(history, rng)


def distance_to_nearest(here: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the distance from every row of ``here`` to the nearest row of ``others``, shape (rows,)."""
    if len(here) == 0 or len(others) == 0:
        return np.full(len(here), np.inf)
    from scipy.spatial.distance import cdist

    parts = [cdist(here[start : start + _CHUNK], others).min(axis=1) for start in range(0, len(here), _CHUNK)]
    return np.concatenate(parts)


def _sobol(history: History, log2: int) -> np.ndarray:
    from scipy.stats import qmc

    sequence = qmc.Sobol(len(history.space.parameters), rng=generator(history.seed, history.stream))
    return sequence.random_base2(log2)
