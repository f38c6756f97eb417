"""Places that stand for the whole map, and those among them that may be measured next."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agents.encoding import Encoding
from agents.feasible import draw
from agents.past import key_of, members, open_members, refused_points, suggested_keys
from agents.rows import listed_rows, point_of, with_proper_types
from orchestrator.domain.base import Point
from orchestrator.domain.errors import AgentError
from orchestrator.domain.history import History

_MOST = 4096
"""Places that stand for a larger pool."""
_N_DRAWN = 2048
"""Places that stand for a continuous space: finer than any map of a few hundred points."""


@dataclass(frozen=True, slots=True)
class Places:
    """The map in points."""

    points: Sequence[Point]
    cube: np.ndarray
    """The same, shape (places, columns)."""
    is_open: np.ndarray
    """Which may be measured next, shape (places,), boolean; at least one."""


def places_of(history: History, encoding: Encoding) -> Places:
    """Return the places of a history's space.

    Raises:
        AgentError: If nothing is left to measure.
    """
    space, rng = history.space, history.rng()
    if space.candidates is not None:
        return _of_pool(history, encoding, rng)
    listed = listed_rows(space)
    rows = draw(space, rng, _N_DRAWN) if listed is None else listed
    points = [point for row in rows if space.contains(point := point_of(space, row))]
    return Places(points, encoding.of_points(points), _open_among(history, points))


def _of_pool(history: History, encoding: Encoding, rng: np.random.Generator) -> Places:
    pool, keys = members(history.space), {key_of(history.space, point) for point in open_members(history)}
    is_open = np.array([key_of(history.space, point) in keys for point in pool])
    if len(pool) > _MOST:
        kept = np.union1d(rng.permutation(len(pool))[: _MOST // 2], rng.permutation(np.flatnonzero(is_open))[: _MOST // 2])
        pool, is_open = [pool[index] for index in kept], is_open[kept]
    points = [with_proper_types(history.space, point) for point in pool]
    return Places(points, encoding.of_points(points), is_open)


def _open_among(history: History, points: Sequence[Point]) -> np.ndarray:
    """Return which points were never suggested; once all of a finite space were, which were not refused."""
    refused = {key_of(history.space, point) for point in refused_points(history)}
    for closed in (suggested_keys(history), refused):
        is_open = np.array([key_of(history.space, point) not in closed for point in points])
        if is_open.any():
            return is_open
    raise AgentError(f"all {len(points)} points of the space were vetoed or failed; widen the space or end the campaign")
