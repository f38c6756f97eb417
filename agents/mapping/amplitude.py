"""Where the map is rougher than its average: learned from how badly left-out points are predicted.

A stationary Gaussian process believes that what it has not seen varies as much everywhere. Its own points say whether
that is so: each is predicted from all others, and the squared error in units of the predicted variance, smoothed over
the neighbours, is the local variance relative to the average. How far to smooth, and whether to do so at all, the same
left-out points decide: every smoothing counts as much as the errors are likely under it, because the single best of
many, chosen from a few points, promises more than it keeps (pseudo Bayesian model averaging: Yao et al., Bayesian
Analysis 13, 917 (2018)).
"""

from collections.abc import Sequence
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
_NEGLIGIBLE = 0.01
"""Weight below which a smoothing is left out."""


@dataclass(frozen=True, slots=True)
class Smoothing:
    """One way to smooth, and how much it counts."""

    reach: float
    """Width, in spacings."""
    caution: float
    gain: float
    """How much better it predicts left-out errors than one amplitude for the whole map: difference of log likelihoods."""
    scale: float
    """Makes the amplitude 1 on average over the points; the signal's variance says the rest."""
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Amplitude:
    """The signal's variance at any place, relative to that of a stationary process."""

    places: np.ndarray
    """Where points were left out, shape (points, columns)."""
    ratios: np.ndarray
    """Squared errors over predicted variances, shape (points,)."""
    spacing: float
    """The mean distance between neighbouring points, in the unit cube."""
    smoothings: tuple[Smoothing, ...]

    @property
    def unevenness(self) -> float:
        """Return the weight of all smoothings, from 0, errors alike everywhere, to 1."""
        return sum(smoothing.weight for smoothing in self.smoothings)

    def at(self, squared_distances: np.ndarray) -> np.ndarray:
        """Return the relative variances at places whose squared distances to the points are given, shape (places, points)."""
        found = np.full(len(squared_distances), 1.0 - self.unevenness)
        for reach in sorted({smoothing.reach for smoothing in self.smoothings}):
            nearness = _nearness(squared_distances, reach * self.spacing)
            for smoothing in self.smoothings:
                if smoothing.reach == reach:
                    found += smoothing.weight * smoothing.scale * _smoothed(nearness, self.ratios, smoothing.caution)
        return found

    def of(self, cube: np.ndarray) -> np.ndarray:
        """Return the relative variances at places of shape (places, columns)."""
        from scipy.spatial.distance import cdist

        return self.at(cdist(cube, self.places, "sqeuclidean"))


def amplitude_of(process: Process) -> Amplitude:
    """Return the amplitude that a stationary process's left-out errors ask for."""
    from scipy.spatial.distance import cdist

    ratios = left_out_ratios(process)
    spacing = len(ratios) ** (-1.0 / (int(process.groups.max()) + 1))
    squared_distances = cdist(process.places, process.places, "sqeuclidean")
    judged = [smoothing for reach in REACHES for smoothing in _judged(ratios, _nearness(squared_distances, reach * spacing), reach)]
    return Amplitude(process.places, ratios, spacing, _weighed(judged))


def left_out_ratios(process: Process) -> np.ndarray:
    """Return every point's squared error over its predicted variance when all others predict it, shape (points,).

    Source: Rasmussen and Williams, Gaussian Processes for Machine Learning (2006), eq. 5.12.
    """
    precisions = (process.inverse_factor**2).sum(axis=0)
    weighted = process.whitened @ process.inverse_factor
    return np.clip(weighted**2 / precisions, *_RATIO_LIMITS)


def _judged(ratios: np.ndarray, nearness: np.ndarray, reach: float) -> Sequence[Smoothing]:
    """Return the smoothings of one width with their gains; no point has a say in its own prediction."""
    others = nearness.copy()
    np.fill_diagonal(others, 0.0)
    alike = _log_likelihood(ratios, np.ones(len(ratios)))
    gains = [_log_likelihood(ratios, _smoothed(others, ratios, caution)) - alike for caution in CAUTIONS]
    scales = [1.0 / float(_smoothed(nearness, ratios, caution).mean()) for caution in CAUTIONS]
    return [Smoothing(reach, *each) for each in zip(CAUTIONS, gains, scales, strict=True)]


def _weighed(judged: Sequence[Smoothing]) -> tuple[Smoothing, ...]:
    """Return the smoothings that count; beforehand an even map is as likely as all of them together."""
    logs = np.array([0.0, *(smoothing.gain - np.log(len(judged)) for smoothing in judged)])
    weights = np.exp(logs - logs.max())
    weights[1:] = np.where(weights[1:] < _NEGLIGIBLE * weights.sum(), 0.0, weights[1:])
    weights /= weights.sum()
    return tuple(replace(smoothing, weight=float(weight)) for smoothing, weight in zip(judged, weights[1:], strict=True) if weight > 0)


def _nearness(squared_distances: np.ndarray, width: float) -> np.ndarray:
    return np.exp(-squared_distances / (2.0 * width**2))


def _smoothed(nearness: np.ndarray, ratios: np.ndarray, caution: float) -> np.ndarray:
    average = ratios.mean()
    mean = (caution * average + nearness @ ratios) / (caution + nearness.sum(axis=1))
    return np.maximum(mean, _LOWEST * average)


def _log_likelihood(ratios: np.ndarray, expected: np.ndarray) -> float:
    """Return the log density of normal errors whose variances are as expected up to the best common factor, less a constant."""
    return float(-0.5 * (np.log(expected).sum() + len(ratios) * np.log((ratios / expected).mean())))
