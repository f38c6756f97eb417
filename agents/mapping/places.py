"""Places that stand for the whole map, and those among them that may be measured next."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agents.encoding import Encoding
from agents.feasible import draw
from agents.past import key_of, member_rows, open_indices, refused_points, suggested_keys
from agents.rows import listed_rows, point_of, rows_of
from orchestrator.domain.base import Point
from orchestrator.domain.errors import AgentError
from orchestrator.domain.history import History

_MOST = 4096
"""Members that stand for a larger pool."""
_N_DRAWN = 2048
"""Places that stand for a continuous space: finer than any map of a few hundred points."""
_N_CANDIDATES = 512
"""Of the drawn places, those that may be measured."""


@dataclass(frozen=True, slots=True)
class Places:
    """The map in points."""

    rows: np.ndarray
    """In the parameters' units, shape (places, parameters)."""
    cube: np.ndarray
    """In the unit cube, shape (places, columns)."""
    is_open: np.ndarray
    """Which may be measured next, shape (places,), boolean; at least one."""


def places_of(history: History, encoding: Encoding) -> Places:
    """Return the places of a history's space.

    Raises:
        AgentError: If nothing is left to measure.
    """
    rows, is_open = _pool(history) if history.space.candidates is not None else _whole_space(history)
    return Places(rows, encoding.of_rows(rows), is_open)


def _pool(history: History) -> tuple[np.ndarray, np.ndarray]:
    """Return the members still open, and the points already suggested, which are part of the map, too."""
    space, still_open = history.space, np.array(open_indices(history))
    if len(still_open) > _MOST:
        still_open = still_open[history.rng().permutation(len(still_open))[:_MOST]]
    closed = {key: point for point in history.suggested_points() if (key := key_of(space, point))}.values()
    rows = np.vstack([member_rows(space)[still_open], rows_of(space, list(closed))])
    return rows, np.arange(len(rows)) < len(still_open)


def _whole_space(history: History) -> tuple[np.ndarray, np.ndarray]:
    listed = listed_rows(history.space)
    if listed is not None:
        return listed, _open_among(history, [point_of(history.space, row) for row in listed])
    rows = draw(history.space, history.rng(), _N_DRAWN)
    is_open = np.zeros(len(rows), dtype=bool)
    is_open[:_N_CANDIDATES] = _open_among(history, [point_of(history.space, row) for row in rows[:_N_CANDIDATES]])
    return rows, is_open


def _open_among(history: History, points: Sequence[Point]) -> np.ndarray:
    """Return which points were never suggested; once all of a finite space were, which were not refused."""
    space = history.space
    is_inside = np.array([space.contains(point) for point in points])
    for closed in (suggested_keys(history), {key_of(space, point) for point in refused_points(history)}):
        is_open = is_inside & np.array([key_of(space, point) not in closed for point in points])
        if is_open.any():
            return is_open
    raise AgentError(f"all {len(points)} points tried were vetoed or failed before; widen the space or end the campaign")
