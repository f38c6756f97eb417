"""A hopeful guess, mean plus two sds, for choices among points that are each measured once or that are all known."""

from collections.abc import Sequence

import numpy as np

from agents.bayesian.process import Process
from agents.bayesian.search import Scale

_HOPE = 2.0
"""Sds added to the mean (Srinivas et al., ICML 2010, with β = 4)."""


class UpperBound:
    """Ranks points by mean + 2 sd.

    A member of a pool is measured once, so that the second best one is as welcome as the best is: a pool is searched for
    its best members. Expected improvement over the best one does not ask for that, a hopeful guess does. Points that are
    pending count as if they had been read as expected (Desautels, Krause and Burdick, JMLR 15, 4053 (2014)).
    """

    name = "hopeful guess (mean and 2 sd, not widened)"
    scale: Scale = "score"

    def __init__(self, process: Process, pending: np.ndarray) -> None:
        for place in pending:
            expected = process.predict(place[None, :])[0][0]
            process = process.with_reading(place, float(expected), process.hyperparameters.noise)
        self._process = process

    @property
    def n_places(self) -> int:
        """Return how many points each comparison involves."""
        return len(self._process.places)

    def of_cube(self, cube: np.ndarray) -> np.ndarray:
        """Return the bound at points of shape (points, columns), standardised, shape (points,)."""
        means, sds = self._process.predict(cube)
        return means + _HOPE * sds


class UpperBounds:
    """The same for several objectives, whose standardised bounds are added."""

    name = "sum of hopeful guesses (mean and 2 sd, not widened)"
    scale: Scale = "plain"

    def __init__(self, processes: Sequence[Process], pending: np.ndarray) -> None:
        self._bounds = [UpperBound(process, pending) for process in processes]

    def of_cube(self, cube: np.ndarray) -> np.ndarray:
        """Return the sum at points of shape (points, columns), shape (points,)."""
        return np.sum([bound.of_cube(cube) for bound in self._bounds], axis=0)
