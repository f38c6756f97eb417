"""Points worth looking at closely: every one of a small list, else the most promising of many."""

import numpy as np

from agents.bayesian.choice import Judge
from agents.bayesian.climb import climb
from agents.bayesian.process import Process
from agents.bayesian.search import ALTERNATIVES_APART, Worth, around, ascend, distinct
from agents.encoding import Encoding
from agents.feasible import draw
from agents.past import member_rows, newest_point
from agents.rows import listed_rows
from agents.spread import distance_to_nearest
from orchestrator.domain.history import History

_N_DRAWN = 512
_N_LOCAL = 128
"""Draws around the most promising measured points, where the acquisition's narrow peaks lie."""
_N_NEAR = 8
_N_KEPT = 48
_N_STARTS = 4
_APART = 0.1
"""Two climbs start at least this far apart in the unit cube."""
_MOST_WORK = 3e7
"""Listed points times squared readings that may be compared while the instrument waits."""
_FEWEST = 256
_N_NEIGHBOURS = 64


def promising_rows(encoding: Encoding, judge: Judge, centres: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return rows of a space too large to list, shape (points, parameters).

    Random points, and points near the best measured ones, are ranked, and the best of them climb.

    Args:
        encoding: Of the space.
        judge: What makes a point promising.
        centres: Points to look around, shape (points, columns).
        rng: Draws the points.
    """
    rows = np.vstack([draw(encoding.space, rng, _N_DRAWN), around(encoding, centres, _N_LOCAL, rng)])
    cube = encoding.of_rows(rows)
    values = judge.of_cube(cube)
    ends = ascend(encoding, judge, lambda starts: climb(encoding, judge, starts), rows[distinct(cube, values, _N_STARTS, _APART)])
    return np.vstack([ends, rows[distinct(cube, values, _N_KEPT, ALTERNATIVES_APART)]])


def all_rows(history: History) -> np.ndarray | None:
    """Return every point of a pool or of a small finite space, shape (points, parameters); None where they cannot be listed."""
    space = history.space
    return listed_rows(space) if space.candidates is None else member_rows(space)


def near(process: Process) -> np.ndarray:
    """Return the measured points believed best, shape (up to ``_N_NEAR``, columns)."""
    return process.places[distinct(process.places, process.means_where_read(), _N_NEAR, ALTERNATIVES_APART)]


def promising_of_list(history: History, encoding: Encoding, judge: Worth, rows: np.ndarray, n_places: int) -> np.ndarray:
    """Return as many of the listed rows as can be compared quickly: the most promising ones, and the newest trial's neighbours.

    Args:
        history: With the newest trial pending.
        encoding: Of the space.
        judge: What makes a point promising.
        rows: The list, shape (points, parameters).
        n_places: How many points each comparison involves.
    """
    n_kept = max(_FEWEST, int(_MOST_WORK / n_places**2))
    if len(rows) <= n_kept:
        return rows
    cube = encoding.of_rows(rows)
    best = np.argsort(-judge.of_cube(cube), kind="stable")[:n_kept]
    last = newest_point(history)
    newest = cube[:1] if last is None else encoding.of_points([last])
    neighbours = np.argsort(distance_to_nearest(cube, newest), kind="stable")[:_N_NEIGHBOURS]
    return rows[np.unique(np.concatenate([best, neighbours]))]
