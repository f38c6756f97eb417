"""How much a measurement to come would scatter, by where it is made and how long it is exposed."""

from dataclasses import dataclass

import numpy as np

from agents.bayesian.belief import Belief
from agents.bayesian.observations import Observations, Outcome
from agents.bayesian.scaling import Scaling

_STEP = 1e-3
"""Of a standardised mean, for slopes."""


@dataclass(frozen=True, slots=True)
class Scatter:
    """The variance of a reading: a floor, and a part that falls as one over the exposure."""

    noise: float
    """What the fit adds to every reading, standardised."""
    counting: float
    """Variance times exposure where scores state no sds, standardised."""
    stated: "Stated | None" = None
    """What the sds say that scores state."""

    def parts(self, means: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the floor, and variance times exposure beyond it, where readings of these means are expected, each of shape (points,)."""
        if self.stated is None:
            return np.full(len(means), self.noise), np.full(len(means), self.counting)
        floor, counting = self.stated.parts(means)
        return self.noise + floor, counting

    def slopes(self, means: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the derivatives of both parts by the mean, each of shape (points,)."""
        above, below = self.parts(means + _STEP), self.parts(means - _STEP)
        floor, counting = ((one - other) / (2 * _STEP) for one, other in zip(above, below, strict=True))
        return floor, counting


@dataclass(frozen=True, slots=True)
class Stated:
    """What the variances that scores state depend on: nothing, the exposure, and the score, as the counts of a detector do."""

    scaling: Scaling
    lowest: float
    """Score that was read, in the objective's unit."""
    farthest: float
    """Above the highest score by as much as that is above the lowest; beyond, nothing is said."""
    steady: float
    per_exposure: float
    per_level: float
    """Variance; variance times exposure; the same for each unit of the score above the lowest."""

    def parts(self, means: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the part that is steady, and the other times the exposure, where these standardised means are expected."""
        scores = np.clip(self.scaling.in_unit(means), self.lowest, self.farthest)
        slope = self.scaling.variances(scores, np.ones(len(scores)))
        return slope * self.steady, slope * (self.per_exposure + self.per_level * (scores - self.lowest))


def scatter_of(observations: Observations, belief: Belief) -> Scatter:
    """Return what is known of how much readings scatter."""
    assert observations.exposures is not None
    noise = belief.fit.hyperparameters.noise
    if belief.outcome.sds is None:
        return Scatter(noise, belief.fit.counting or 0.0)
    return Scatter(noise, 0.0, stated_by(belief.outcome, belief.outcome.sds, observations.exposures))


def stated_by(outcome: Outcome, sds: np.ndarray, exposures: np.ndarray) -> Stated:
    """Return what stated sds, shape (trials,), depend on, by non-negative least squares of the variances times the exposures."""
    from scipy.optimize import nnls

    scores = outcome.scores
    lowest, highest = float(scores.min()), float(scores.max())
    farthest = highest + (highest - lowest)
    columns = np.column_stack([exposures, np.ones(len(scores)), scores - lowest])
    sizes, target = np.maximum(columns.max(axis=0), 1e-300), sds**2 * exposures
    size = max(float(target.max()), 1e-300)
    found = nnls(columns / sizes, target / size)[0] * size / sizes
    return Stated(outcome.scaling, lowest, farthest, *map(float, found))
