"""From an acquisition function to the best point and its runners-up."""

from collections.abc import Callable, Set
from typing import Protocol

import numpy as np

from agents.bayesian.climb import Slope, climb
from agents.bayesian.exposed import spent_keys
from agents.bayesian.search import ALTERNATIVES_APART, Criterion, Ranked, Worth, ascend, best_of, best_of_rows, distinct
from agents.encoding import Encoding
from agents.listing import not_refused
from agents.past import Key, key_of, member_rows, open_indices
from agents.random import random_point
from agents.rows import is_of, point_of, rows_of
from orchestrator.domain.history import History

_N_STARTS = 4
_N_OTHERS = 16
"""Of the points that did not climb, those that may still be alternatives."""
_MAX_ITERATIONS = 12
"""Few, because the best of the shortlist has climbed before."""
_MANY_PLACES = 300
_FEWER_STARTS, _FEWER_ITERATIONS = 2, 4
"""With many readings one more changes little, and each step takes longer while an instrument may be waiting."""


class Judge(Worth, Slope, Criterion, Protocol):
    """Ranks points, and tells which way they improve."""

    @property
    def n_places(self) -> int:
        """Return how many points each comparison involves."""
        ...


def best_found(
    history: History,
    encoding: Encoding,
    judge: Judge,
    rows: np.ndarray,
    cube: np.ndarray,
    taken: Set[Key],
    rng: np.random.Generator,
) -> Ranked:
    """Return the best points of a space too large to list.

    Args:
        history: What may not be suggested again.
        encoding: Of the space.
        judge: What is to be made large.
        rows: Promising ones, shape (points, parameters).
        cube: The same in the unit cube, shape (points, columns).
        taken: What was suggested before.
        rng: Draws.
    """
    values = judge.of_cube(cube)
    n_starts, iterations = (_N_STARTS, _MAX_ITERATIONS) if judge.n_places <= _MANY_PLACES else (_FEWER_STARTS, _FEWER_ITERATIONS)
    starts, others = (rows[distinct(cube, values, n, ALTERNATIVES_APART)] for n in (n_starts, _N_OTHERS))
    ends = ascend(encoding, judge, lambda each: climb(encoding, judge, each, iterations=iterations), starts)
    found = [point_of(history.space, row) for row in np.vstack([ends, others])]
    fresh = [point for point in found if key_of(history.space, point) not in taken and history.space.contains(point)]
    return best_of(encoding, fresh or [random_point(history, rng)], judge, apart=ALTERNATIVES_APART)


def best_listed(history: History, encoding: Encoding, judge: Worth, shortlist: np.ndarray, everything: np.ndarray) -> Ranked | None:
    """Return the best open points of a list, of its shortlist if any is open there; None once every point of a space was suggested.

    Raises:
        AgentError: If no member of a pool is left.
    """
    is_open = _open(history)
    for rows in (shortlist, everything):
        fresh = rows[[is_open(tuple(row)) for row in rows.tolist()]]
        if len(fresh):
            return best_of_rows(encoding, fresh, judge)
    return None


def best_again(history: History, encoding: Encoding, judge: Worth, everything: np.ndarray) -> Ranked:
    """Return the points that deserve another measurement when all are known.

    Raises:
        AgentError: If all were vetoed or failed.
    """
    points = [point_of(history.space, row) for row in everything]
    return best_of(encoding, not_refused(history, points), judge)


def _open(history: History) -> Callable[[tuple[float, ...]], bool]:
    """Return what tells whether a listed row may be suggested: a member of the pool that is left, or a point that is new."""
    space = history.space
    if space.candidates is not None:
        return _as_tuples(member_rows(space)[open_indices(history)]).__contains__
    points = [dict(zip(space.names, key, strict=True)) for key in spent_keys(history) if key]
    spent = _as_tuples(rows_of(space, [point for point in points if is_of(space, point)]))
    return lambda row: row not in spent


def _as_tuples(rows: np.ndarray) -> Set[tuple[float, ...]]:
    return set(map(tuple, rows.tolist()))
