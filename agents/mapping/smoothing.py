"""Ways to smooth what left-out points say of the roughness, and how much each counts.

A place is as rough as other places near it, or as other places of its level, or as those that are both: in many maps what
is dark is flat and what is bright is not, or the levels between two plateaus are those of their edges. Which of it a map
keeps to, the left-out points decide: every smoothing counts as much as their errors are likely under it, because the
single best of many, chosen from a few points, promises more than it keeps (pseudo Bayesian model averaging: Yao et al.,
Bayesian Analysis 13, 917 (2018)).
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

REACHES = (0.5, 1.0, 2.0, 4.0, None)
"""Widths in place, in mean distances between neighbouring points: from one neighbour to half a hundred; None: the whole map."""
BREADTHS = (0.15, 0.4, 1.0, None)
"""Widths in level, in sds of the readings; None: all levels."""
CAUTIONS = (0.1, 0.3, 1.0, 3.0)
"""How many points' worth the average over the map counts beside the points that are alike."""
_LOWEST = 1e-4
"""Of the average: no place is so flat that it is never looked at again."""
_NEGLIGIBLE = 0.01
"""Weight below which a smoothing is left out."""
_MOST = 16
"""Smoothings kept: every decision records them."""

Kind = tuple[float | None, float | None]
"""Reach and breadth."""
KINDS: tuple[Kind, ...] = tuple((reach, breadth) for reach in REACHES for breadth in BREADTHS if (reach, breadth) != (None, None))


@dataclass(frozen=True, slots=True)
class Smoothing:
    """One way to smooth, and how much it counts."""

    reach: float | None
    breadth: float | None
    caution: float
    gain: float
    """How much better it predicts left-out errors than one amplitude for the whole map: difference of log likelihoods."""
    scale: float
    """Makes the amplitude 1 on average over the points; the signal's variance says the rest."""
    weight: float = 0.0

    @property
    def kind(self) -> Kind:
        return self.reach, self.breadth


@dataclass(frozen=True, slots=True)
class Tally:
    """What the points that are alike say of each place."""

    counts: np.ndarray
    """How many they are, shape (places,)."""
    sums: np.ndarray
    """Of their ratios, shape (places,)."""
    average: float
    """Of all ratios."""

    def smoothed(self, caution: float) -> np.ndarray:
        """Return the points' mean, in which the average over the map counts as much as ``caution`` points, shape (places,)."""
        mean = (caution * self.average + self.sums) / (caution + self.counts)
        return np.maximum(mean, _LOWEST * self.average)

    def without(self, ratios: np.ndarray) -> "Tally":
        """Return what is left, where the places are the points themselves, when each has no say in its own mean."""
        return replace(self, counts=np.maximum(self.counts - 1.0, 0.0), sums=np.maximum(self.sums - ratios, 0.0))


@dataclass(frozen=True, slots=True)
class Likeness:
    """How far places are from the left-out points, in place and in level."""

    squared_distances: np.ndarray
    """In mean distances between neighbouring points, shape (places, points)."""
    squared_steps: np.ndarray
    """Between their levels, in sds of the readings, shape (places, points)."""

    def tallies(self, ratios: np.ndarray, kinds: Collection[Kind]) -> Iterator[tuple[Kind, Tally]]:
        """Yield what ratios of shape (points,) say of the places under every kind of smoothing."""
        alike = {breadth: _nearness(self.squared_steps, breadth) for breadth in {breadth for _, breadth in kinds}}
        near = {reach: _nearness(self.squared_distances, reach) for reach in {reach for reach, _ in kinds}}
        for reach, breadth in kinds:
            weights = near[reach] * alike[breadth]
            yield (reach, breadth), Tally(weights.sum(axis=1), weights @ ratios, float(ratios.mean()))


def judged(ratios: np.ndarray, likeness: Likeness) -> tuple[Smoothing, ...]:
    """Return the smoothings that count.

    Args:
        ratios: Squared errors of left-out points over their predicted variances, shape (points,).
        likeness: Of the points to each other.
    """
    alike = _log_likelihood(ratios, np.ones(len(ratios)))
    found = [
        Smoothing(*kind, caution, gain=_log_likelihood(ratios, others.smoothed(caution)) - alike, scale=1.0 / _mean(tally, caution))
        for kind, tally in likeness.tallies(ratios, KINDS)
        for others in [tally.without(ratios)]
        for caution in CAUTIONS
    ]
    return _weighed(found)


def _mean(tally: Tally, caution: float) -> float:
    return float(tally.smoothed(caution).mean())


def _nearness(squares: np.ndarray, width: float | None) -> np.ndarray:
    return np.ones_like(squares) if width is None else np.exp(-squares / (2.0 * width**2))


def _weighed(found: Sequence[Smoothing]) -> tuple[Smoothing, ...]:
    """Return the smoothings that count; beforehand an even map is as likely as all of them together."""
    logs = np.array([0.0, *(smoothing.gain - np.log(len(found)) for smoothing in found)])
    weights = np.exp(logs - logs.max())
    least = max(_NEGLIGIBLE * weights.sum(), np.sort(weights[1:])[-_MOST])
    weights[1:] = np.where(weights[1:] < least, 0.0, weights[1:])
    weights /= weights.sum()
    return tuple(replace(smoothing, weight=float(weight)) for smoothing, weight in zip(found, weights[1:], strict=True) if weight > 0)


def _log_likelihood(ratios: np.ndarray, expected: np.ndarray) -> float:
    """Return the log density of normal errors whose variances are as expected up to the best common factor, less a constant."""
    return float(-0.5 * (np.log(expected).sum() + len(ratios) * np.log((ratios / expected).mean())))
