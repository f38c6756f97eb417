"""How long to measure, chosen with where: what a noisy reading tells of the point, per second that it takes.

Expected improvement asks what a point is worth, not how well one reading would show it. Huang et al. (J. Global Optimization
34, 441 (2006), eq. 10) multiply it by 1 − σ / √(s² + σ²), where s is what is not known of the point and σ what a reading
scatters by: nothing where the reading would drown in its scatter, one where it would settle the matter. Divided by the
seconds of the trial and made as large as can be over the exposures, this is a factor of the place alone.
"""

from dataclasses import dataclass

import numpy as np

from agents.bayesian.belief import Belief
from agents.bayesian.exposed import Exposed
from agents.bayesian.factors import Product
from agents.bayesian.observations import Observations
from agents.bayesian.outlook import slopes
from agents.bayesian.process import Process
from agents.bayesian.scatter import Scatter, scatter_of
from agents.bayesian.travel import Travel
from orchestrator.domain.history import History

_LEAST = 1e-300


@dataclass(frozen=True, slots=True)
class Exposure:
    """Makes places more worth going to where a reading tells much in little time."""

    process: Process
    scatter: Scatter
    away: Travel
    tried: np.ndarray
    """Exposures to choose from, ascending, in the parameter's unit, shape (exposures,)."""

    def log_factor(self, cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the log of what a reading of the best exposure tells per second, shape (points,), and its gradient."""
        means, sds, mean_slopes, sd_slopes = slopes(self.process, cube)
        worth, best = self._best(cube, means, sds)
        noise = self._variances(means)[np.arange(len(cube)), best]
        by_sd, by_noise = _slopes_of_told(sds, noise)
        floor_slope, counting_slope = self.scatter.slopes(means)
        by_mean = by_noise * (floor_slope + counting_slope / self.tried[best])
        seconds, way_slope = self.away.seconds_and_gradient(cube)
        gradient = by_mean[:, None] * mean_slopes + by_sd[:, None] * sd_slopes
        return worth, gradient - way_slope / (seconds + self.away.per_exposure * self.tried[best])[:, None]

    def log_value(self, cube: np.ndarray) -> np.ndarray:
        """Return the same without the gradient, which takes longer than all else."""
        return self._best(cube, *self.process.predict(cube))[0]

    def best(self, cube: np.ndarray) -> np.ndarray:
        """Return the exposure that suits each point, in the parameter's unit, shape (points,)."""
        return self.tried[self._best(cube, *self.process.predict(cube))[1]]

    def sds(self, cube: np.ndarray, exposures: np.ndarray) -> np.ndarray:
        """Return what readings with these exposures, shape (points,), scatter by, standardised, shape (points,)."""
        floor, counting = self.scatter.parts(self.process.predict(cube)[0])
        return np.sqrt(floor + counting / exposures)

    def _variances(self, means: np.ndarray) -> np.ndarray:
        floor, counting = self.scatter.parts(means)
        return floor[:, None] + counting[:, None] / self.tried

    def _best(self, cube: np.ndarray, means: np.ndarray, sds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the largest log worth and which exposure gives it, each of shape (points,)."""
        seconds = self.away.seconds(cube)[:, None] + self.away.per_exposure * self.tried
        worth = log_told(sds[:, None], self._variances(means)) - np.log(seconds)
        best = worth.argmax(axis=1)
        return worth[np.arange(len(cube)), best], best


def log_told(sds: np.ndarray, variances: np.ndarray) -> np.ndarray:
    """Return log(1 − σ / √(s² + σ²)) for what is not known, s, and variances of readings, σ²; accurate for small s."""
    ratio = sds**2 / np.maximum(variances, _LEAST)
    return np.log(np.maximum(-np.expm1(-np.log1p(ratio) / 2), _LEAST))


def _slopes_of_told(sds: np.ndarray, variances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the derivatives of ``log_told`` by sd and by variance."""
    variances = np.maximum(variances, _LEAST)
    ratio = sds**2 / variances
    by_ratio = (1 + ratio) ** -1.5 / 2 / np.maximum(-np.expm1(-np.log1p(ratio) / 2), _LEAST)
    return by_ratio * 2 * sds / variances, -by_ratio * ratio / variances


def exposing(factor: Product, history: History, observations: Observations, belief: Belief) -> Product:
    """Return the factor with the time of the way there joined by that of the exposure, where exposures are chosen."""
    if not isinstance(history, Exposed):
        return factor
    [away] = [each for each in factor.factors if isinstance(each, Travel)]
    others = tuple(each for each in factor.factors if each is not away)
    scatter = scatter_of(observations, belief)
    return Product((*others, Exposure(belief.process, scatter, away, history.tried)))


def exposure_in(factor: Product) -> Exposure | None:
    """Return what chooses the exposure, or None where nothing does."""
    return next((each for each in factor.factors if isinstance(each, Exposure)), None)
