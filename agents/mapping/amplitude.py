"""Where the map is rougher than its average: learned from how badly left-out points are predicted.

A stationary Gaussian process believes that what it has not seen varies as much everywhere. Its own points say whether
that is so: each is predicted from all others, and the squared error in units of the predicted variance, smoothed over
the points that are alike, is the local variance relative to the average.
"""

from dataclasses import dataclass

import numpy as np

from agents.bayesian.process import Process
from agents.mapping.smoothing import Likeness, Smoothing, judged

_CHUNK = 1024
"""Places looked at at once, so that memory does not grow with their number."""
_RATIO_LIMITS = (1e-4, 1e4)
"""Of a squared error to its predicted variance: one point may not say more."""


@dataclass(frozen=True, slots=True)
class Amplitude:
    """The signal's variance at any place, relative to that of a stationary process."""

    process: Process
    """The stationary one."""
    ratios: np.ndarray
    """Squared errors of left-out points over their predicted variances, shape (points,)."""
    levels: np.ndarray
    """What the others predict of each left-out point, standardised, shape (points,)."""
    spacing: float
    """The mean distance between neighbouring points, in the unit cube."""
    smoothings: tuple[Smoothing, ...]

    @property
    def unevenness(self) -> float:
        """Return the weight of all smoothings, from 0, errors alike everywhere, to 1."""
        return sum(smoothing.weight for smoothing in self.smoothings)

    def of(self, cube: np.ndarray) -> np.ndarray:
        """Return the relative variances at places of shape (places, columns)."""
        return self.at(cube, self.expected(cube))

    def expected(self, cube: np.ndarray) -> np.ndarray:
        """Return the levels there: the signal that the stationary process expects, standardised, shape (places,)."""
        return self.process.hyperparameters.mean + self.process.covariance(cube, self.process.places) @ self.process.weights

    def at(self, cube: np.ndarray, levels: np.ndarray) -> np.ndarray:
        """Return the relative variances at places of these levels, shape (places,)."""
        parts = [slice(start, start + _CHUNK) for start in range(0, max(len(cube), 1), _CHUNK)]
        return np.concatenate([self._at(cube[part], levels[part]) for part in parts])

    def _at(self, cube: np.ndarray, levels: np.ndarray) -> np.ndarray:
        found = np.full(len(cube), 1.0 - self.unevenness)
        if not self.smoothings:
            return found
        likeness = _likeness(self.process, self.spacing, cube, levels, self.levels)
        tallies = dict(likeness.tallies(self.ratios, {smoothing.kind for smoothing in self.smoothings}))
        for smoothing in self.smoothings:
            found += smoothing.weight * smoothing.scale * tallies[smoothing.kind].smoothed(smoothing.caution)
        return found


def amplitude_of(process: Process, smoothings: tuple[Smoothing, ...] | None = None) -> Amplitude:
    """Return the amplitude that a stationary process's left-out errors ask for, or that of smoothings known from before."""
    errors, variances = left_out(process)
    ratios, levels = np.clip(errors**2 / variances, *_RATIO_LIMITS), process.values - errors
    spacing = len(ratios) ** (-1.0 / (int(process.groups.max()) + 1))
    if smoothings is None:
        smoothings = judged(ratios, _likeness(process, spacing, process.places, levels, levels))
    return Amplitude(process, ratios, levels, spacing, smoothings)


def left_out(process: Process) -> tuple[np.ndarray, np.ndarray]:
    """Return every reading less what all others predict of it, and the predicted variance, both of shape (points,).

    Source: Rasmussen and Williams, Gaussian Processes for Machine Learning (2006), eq. 5.12.
    """
    precisions = (process.inverse_factor**2).sum(axis=0)
    return process.weights / precisions, 1.0 / precisions


def _likeness(process: Process, spacing: float, cube: np.ndarray, levels: np.ndarray, levels_of_points: np.ndarray) -> Likeness:
    from scipy.spatial.distance import cdist

    distances = cdist(cube, process.places, "sqeuclidean") / spacing**2
    return Likeness(distances, (levels[:, None] - levels_of_points) ** 2)
