"""Where no measured point probably keeps the limits: the point that most probably does comes next."""

from collections.abc import Sequence

import numpy as np

from agents.bayesian.factors import Product
from agents.bayesian.improvement import NoisyImprovement, baseline_of
from agents.bayesian.outlook import Outlook
from agents.bayesian.process import Process
from agents.bayesian.search import Scale

_EVEN = float(np.log(0.5))


class Feasibility:
    """Ranks points by the probability of all limits, times a factor."""

    name = "probability of the limits"
    scale: Scale = "log"

    def __init__(self, factor: Product, n_places: int) -> None:
        self._factor, self._n_places = factor, n_places

    @property
    def n_places(self) -> int:
        """Return how many points each comparison involves."""
        return self._n_places

    def of_cube(self, cube: np.ndarray) -> np.ndarray:
        """Return the log probability at points of shape (points, columns), shape (points,)."""
        return self._factor.log_value(cube)

    def value_and_gradient(self, cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the same, and its gradient, shape (points, columns)."""
        return self._factor.log_factor(cube)


class LimitedImprovement(NoisyImprovement):
    """Noisy expected improvement over the best point that keeps the limits, times their probability (Gardner et al., ICML 2014)."""

    name = "noisy expected improvement × probability of the limits"


def probably_kept(looks: Sequence[Outlook], places: np.ndarray) -> np.ndarray:
    """Return at which places, shape (places, columns), all limits are more probably kept than not, shape (places,), boolean."""
    return np.sum([look.log_factor(places)[0] for look in looks], axis=0) >= _EVEN if looks else np.ones(len(places), dtype=bool)


def limited_judge(
    process: Process, pending: np.ndarray, looks: Sequence[Outlook], factor: Product, rng: np.random.Generator
) -> LimitedImprovement | Feasibility:
    """Return what ranks points under limits: by improvement where some measured point probably keeps them, else by their probability."""
    whole = Product((*factor.factors, *looks))
    among = probably_kept(looks, process.places)
    if not among.any():
        return Feasibility(whole, len(process.places))
    return LimitedImprovement(process, baseline_of(process, pending, among), factor=whole, rng=rng)
