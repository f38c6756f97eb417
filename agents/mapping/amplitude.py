"""Where the map is rougher than its average: learned from how badly left-out points are predicted.

A stationary Gaussian process believes that what it has not seen varies as much everywhere. Its own points say whether
that is so: each is predicted from all others, and the squared error in units of the predicted variance, smoothed over
the neighbours, is the local variance relative to the average. How far to smooth, and whether to do so at all, is
decided by the same left-out points: the smoothing that predicts their errors best is used.
"""

from dataclasses import dataclass

import numpy as np

from agents.bayesian.process import Process

REACHES = (0.5, 1.0, 2.0, 4.0)
"""Widths of the smoothing, in mean distances between neighbouring points: from one neighbour to half a hundred."""
CAUTIONS = (0.1, 0.3, 1.0, 3.0)
"""How many points' worth the average over the map counts beside the neighbours."""
_RATIO_LIMITS = (1e-4, 1e4)
"""Of a squared error to its predicted variance: one point may not say more."""
_LOWEST = 1e-4
"""Of the average: no place is so flat that it is never looked at again."""


@dataclass(frozen=True, slots=True)
class Amplitude:
    """The signal's variance at any place, relative to that of a stationary process."""

    places: np.ndarray
    """Where points were left out, shape (points, columns)."""
    ratios: np.ndarray
    """Squared errors over predicted variances, shape (points,)."""
    spacing: float
    """The mean distance between neighbouring points, in the unit cube."""
    reach: float | None = None
    """Width of the smoothing in spacings; None when errors are alike everywhere."""
    caution: float = 0.0
    scale: float = 1.0
    """Makes the left-out points' ratios 1 on average."""
    gain: float = 0.0
    """How much better left-out errors are predicted than by one amplitude for the whole map: difference of log likelihoods."""

    def at(self, squared_distances: np.ndarray) -> np.ndarray:
        """Return the relative variances at places whose squared distances to the points are given, shape (places, points)."""
        average = float(self.ratios.mean())
        if self.reach is None:
            return np.full(len(squared_distances), average)
        weights = np.exp(-squared_distances / (2.0 * (self.reach * self.spacing) ** 2))
        return _smoothed(weights, self.ratios, self.caution, average) * self.scale

    def of(self, cube: np.ndarray) -> np.ndarray:
        """Return the relative variances at places of shape (places, columns)."""
        from scipy.spatial.distance import cdist

        return self.at(cdist(cube, self.places, "sqeuclidean"))


def amplitude_of(process: Process) -> Amplitude:
    """Return the amplitude that predicts a stationary process's left-out errors best."""
    from scipy.spatial.distance import cdist

    ratios = left_out_ratios(process)
    spacing = len(ratios) ** (-1.0 / (int(process.groups.max()) + 1))
    even = Amplitude(process.places, ratios, spacing)
    squared_distances = cdist(process.places, process.places, "sqeuclidean")
    others = [_judged(even, squared_distances, reach, caution) for reach in REACHES for caution in CAUTIONS]
    return max([even, *others], key=lambda amplitude: amplitude.gain)


def left_out_ratios(process: Process) -> np.ndarray:
    """Return every point's squared error over its predicted variance when all others predict it, shape (points,).

    Source: Rasmussen and Williams, Gaussian Processes for Machine Learning (2006), eq. 5.12.
    """
    precisions = (process.inverse_factor**2).sum(axis=0)
    weighted = process.whitened @ process.inverse_factor
    return np.clip(weighted**2 / precisions, *_RATIO_LIMITS)


def _judged(even: Amplitude, squared_distances: np.ndarray, reach: float, caution: float) -> Amplitude:
    """Return a smoothing with its gain; no point has a say in its own prediction."""
    ratios, average = even.ratios, float(even.ratios.mean())
    weights = np.exp(-squared_distances / (2.0 * (reach * even.spacing) ** 2))
    np.fill_diagonal(weights, 0.0)
    expected = _smoothed(weights, ratios, caution, average)
    scale = float((ratios / expected).mean())
    gain = _log_likelihood(ratios, expected * scale) - _log_likelihood(ratios, np.full(len(ratios), average))
    return Amplitude(even.places, ratios, even.spacing, reach, caution, scale, gain)


def _smoothed(weights: np.ndarray, ratios: np.ndarray, caution: float, average: float) -> np.ndarray:
    mean = (caution * average + weights @ ratios) / (caution + weights.sum(axis=1))
    return np.maximum(mean, _LOWEST * average)


def _log_likelihood(ratios: np.ndarray, expected: np.ndarray) -> float:
    """Return the log density of normal errors whose variances are as expected, up to a constant."""
    return float(-0.5 * (np.log(expected) + ratios / expected).sum())
