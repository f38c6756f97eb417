"""Where the map is rougher than its average: learned from how badly left-out points are predicted.

A stationary Gaussian process believes that what it has not seen varies as much everywhere. Its own points say whether
that is so: each is predicted from all others, and the squared error in units of the predicted variance, smoothed over
the neighbours, is the local variance relative to the average. How far to smooth, and whether to do so at all, is
decided by the same left-out points: the smoothing that predicts their errors best is used.
"""

from dataclasses import dataclass, replace

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
    """Makes the amplitude 1 on average over the points; the signal's variance says the rest."""
    gain: float = 0.0
    """How much better left-out errors are predicted than by one amplitude for the whole map: difference of log likelihoods."""

    def at(self, squared_distances: np.ndarray) -> np.ndarray:
        """Return the relative variances at places whose squared distances to the points are given, shape (places, points)."""
        if self.reach is None:
            return np.ones(len(squared_distances))
        weights = np.exp(-squared_distances / (2.0 * (self.reach * self.spacing) ** 2))
        return _smoothed(weights, self.ratios, self.caution) * self.scale

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
    best = max([even, *(_judged(even, squared_distances, reach) for reach in REACHES)], key=lambda amplitude: amplitude.gain)
    return replace(best, scale=1.0 / float(best.at(squared_distances).mean()))


def left_out_ratios(process: Process) -> np.ndarray:
    """Return every point's squared error over its predicted variance when all others predict it, shape (points,).

    Source: Rasmussen and Williams, Gaussian Processes for Machine Learning (2006), eq. 5.12.
    """
    precisions = (process.inverse_factor**2).sum(axis=0)
    weighted = process.whitened @ process.inverse_factor
    return np.clip(weighted**2 / precisions, *_RATIO_LIMITS)


def _judged(even: Amplitude, squared_distances: np.ndarray, reach: float) -> Amplitude:
    """Return the best of the smoothings of one width, with its gain; no point has a say in its own prediction."""
    weights = np.exp(-squared_distances / (2.0 * (reach * even.spacing) ** 2))
    np.fill_diagonal(weights, 0.0)
    alike = _log_likelihood(even.ratios, np.ones(len(even.ratios)))
    gains = [_log_likelihood(even.ratios, _smoothed(weights, even.ratios, caution)) - alike for caution in CAUTIONS]
    best = int(np.argmax(gains))
    return replace(even, reach=reach, caution=CAUTIONS[best], gain=gains[best])


def _smoothed(weights: np.ndarray, ratios: np.ndarray, caution: float) -> np.ndarray:
    average = ratios.mean()
    mean = (caution * average + weights @ ratios) / (caution + weights.sum(axis=1))
    return np.maximum(mean, _LOWEST * average)


def _log_likelihood(ratios: np.ndarray, expected: np.ndarray) -> float:
    """Return the log density of normal errors whose variances are as expected up to the best common factor, less a constant."""
    return float(-0.5 * (np.log(expected).sum() + len(ratios) * np.log((ratios / expected).mean())))
