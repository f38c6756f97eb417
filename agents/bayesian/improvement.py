"""Noisy expected improvement in closed form, with its gradient.

What the best measured point is truly worth is not known, so improvement is averaged over draws of it (Letham et al.,
Bayesian Analysis 14, 495 (2019)). For each draw of the signal at the most promising measured points, the rest is a
Gaussian process without noise there, whose expected improvement has a formula: no sampling at the points compared, a
smooth function, and none of it at a point that is known. Pending points are drawn along with the measured ones, which
is the same as to ask for the best addition to them. In logarithms, so that its slope never vanishes (Ament et al.,
NeurIPS 2023).
"""

import numpy as np

from agents.bayesian.factors import Factor, log_value
from agents.bayesian.kernel import covariance_and_slope, gradient_of_shared
from agents.bayesian.process import Process
from agents.bayesian.search import Scale
from agents.bayesian.triangular import lower_times, transposed_times

_N_DRAWS = 64
_MAX_BASELINE = 64
"""Only this many of the most promising measured points can be the best one."""
_CHUNK = 512
_SMALLEST = 1e-10
"""Of the signal's variance; below it a point counts as known."""
_LOG_SQRT_2PI = 0.5 * np.log(2.0 * np.pi)
_FAR = -1e6


class NoisyImprovement:
    """Ranks points: log noisy expected improvement, times a factor."""

    name = "noisy expected improvement"
    scale: Scale = "log"

    def __init__(self, process: Process, baseline: np.ndarray, *, factor: Factor, rng: np.random.Generator) -> None:
        """Draw what the best of the measured and pending points may be worth.

        Args:
            process: What is believed.
            baseline: The points that may be the best, shape (points, columns), see ``baseline_of``.
            factor: What speaks for or against places besides.
            rng: Draws.
        """
        features = process.features(baseline)
        root = _root(process.covariance(baseline, baseline) - features.T @ features)
        half = rng.standard_normal((len(baseline), _N_DRAWS // 2))
        draws = np.hstack([half, -half])
        self._process, self._factor, self._baseline = process, factor, baseline
        self._features, self._below = features, np.linalg.inv(root)
        self._places, self._ages = np.vstack([process.places, baseline]), np.append(process.ages, np.zeros(len(baseline)))
        self._draws = draws
        self._best = ((process.whitened @ features)[:, None] + root @ draws).max(axis=0)

    @property
    def n_places(self) -> int:
        """Return how many points each comparison involves."""
        return len(self._places)

    def of_cube(self, cube: np.ndarray) -> np.ndarray:
        """Return the log acquisition of points of shape (points, columns), shape (points,)."""
        if len(cube) <= _CHUNK:
            return self._value(cube)
        parts = [self._value(cube[start : start + _CHUNK]) for start in range(0, len(cube), _CHUNK)]
        return np.concatenate(parts)

    def value_and_gradient(self, cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the log acquisition, shape (points,), and its gradient, shape (points, columns)."""
        process, hyperparameters = self._process, self._process.hyperparameters
        matern, slope = covariance_and_slope(cube, self._places, process.groups, hyperparameters)
        shared = hyperparameters.ageing.aged(matern, self._ages).T
        above = lower_times(process.inverse_factor, shared[: len(process.places)])
        below, sd, z, log_h = self._standing(above, shared[len(process.places) :])
        log_mean = _log_mean_exp(log_h)
        share = np.exp(log_h - log_mean[:, None]) / _N_DRAWS
        hope = share * _chance_over_gain(z, log_h)
        by_sd = (1.0 - (hope * z).sum(axis=1)) / sd
        by_shared = self._pulled_back(above, below, hope / sd[:, None], by_sd / sd).T
        pull = by_shared * slope * hyperparameters.ageing.share(self._ages)
        gradient = gradient_of_shared(pull, cube, self._places, process.groups, hyperparameters)
        log_factor, its_gradient = self._factor.log_factor(cube)
        return np.log(sd) + log_mean + log_factor, gradient + its_gradient

    def _value(self, cube: np.ndarray) -> np.ndarray:
        _below, sd, _z, log_h = self._standing(self._process.features(cube), self._process.covariance(self._baseline, cube))
        return np.log(sd) + _log_mean_exp(log_h) + log_value(self._factor, cube)

    def _standing(self, above: np.ndarray, shared: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return features of the baseline, sds, standardised gains and the logs of what these promise.

        Given the draws, the signal is a process that knows the baseline besides the readings. Its features are those of the
        readings, ``above``, and of the baseline, ``below``; their joint factor is never written out, for copying it takes long.

        Args:
            above: The points' features, shape (readings, points).
            shared: Covariances of the baseline with points, shape (baseline, points).

        Returns:
            below (baseline, points), sds (points,), gains and logs (points, draws).
        """
        process = self._process
        below = self._below @ (shared - self._features.T @ above)
        variance = process.variance - np.einsum("ij,ij->j", above, above) - np.einsum("ij,ij->j", below, below)
        sd = np.sqrt(np.maximum(variance, _SMALLEST * process.variance))
        z = ((process.whitened @ above)[:, None] + below.T @ self._draws - self._best) / sd[:, None]
        return below, sd, z, log_gain(z)

    def _pulled_back(self, above: np.ndarray, below: np.ndarray, by_mean: np.ndarray, by_variance: np.ndarray) -> np.ndarray:
        """Return the slope of the value by the shared covariances, shape (readings + baseline, points).

        Args:
            above: The points' features, shape (readings, points).
            below: Those of the baseline, shape (baseline, points).
            by_mean: The value's slope by the mean under each draw, shape (points, draws).
            by_variance: Twice its slope by the variance, shape (points,).
        """
        back = self._below.T @ (self._draws @ by_mean.T - below * by_variance)
        up = np.outer(self._process.whitened, by_mean.sum(axis=1)) - above * by_variance - self._features @ back
        return np.vstack([transposed_times(self._process.inverse_factor, up), back])


def baseline_of(process: Process, pending: np.ndarray, among: np.ndarray | None = None) -> np.ndarray:
    """Return the distinct measured points believed best, at most ``_MAX_BASELINE``, and those pending, shape (points, columns).

    Args:
        process: What is believed.
        pending: Shape (pending, columns).
        among: Which of the process's places may be the best, shape (places,), boolean; all by default.
    """
    best_first = np.argsort(-process.means_where_read(), kind="stable")
    best_first = best_first if among is None else best_first[among[best_first]]
    _distinct, first = np.unique(process.places[best_first], axis=0, return_index=True)
    return np.vstack([process.places[best_first[np.sort(first)[:_MAX_BASELINE]]], pending])


def log_gain(z: np.ndarray) -> np.ndarray:
    """Return log(φ(z) + z Φ(z)), the log of a standard normal's expected excess over −z, accurate for any z.

    Source:
        Ament et al., NeurIPS 2023, eq. 9: the scaled complementary error function keeps the digits that cancel.
    """
    from scipy.special import erfcx, ndtr

    middle, low = np.maximum(z, -1.0), np.minimum(z, -1.0)
    plain = np.log(np.exp(-middle * middle / 2 - _LOG_SQRT_2PI) + middle * ndtr(middle))
    # φ + zΦ = φ · (1 − |z| √(π/2) erfcx(|z|/√2)), and beyond 1e3 the bracket is 1/z² to ten digits.
    bracket = 1.0 + low * np.sqrt(np.pi / 2) * erfcx(-low / np.sqrt(2.0))
    tail = -low * low / 2 - _LOG_SQRT_2PI + np.log(np.where(low < -1e3, 1.0 / (low * low), np.maximum(bracket, 1e-300)))
    return np.where(z > -1.0, plain, tail)


def _chance_over_gain(z: np.ndarray, log_h: np.ndarray) -> np.ndarray:
    """Return Φ(z) / h(z), the slope of log h."""
    from scipy.special import log_ndtr

    return np.exp(log_ndtr(z) - log_h)


def _log_mean_exp(logs: np.ndarray) -> np.ndarray:
    largest = logs.max(axis=1)
    return largest + np.log(np.exp(logs - largest[:, None]).mean(axis=1))


def _root(matrix: np.ndarray) -> np.ndarray:
    """Return the lower Cholesky factor of a covariance, lifted just enough to have one."""
    size = max(float(np.trace(matrix)) / max(len(matrix), 1), 1e-300)
    for lift in (1e-9, 1e-7, 1e-5, 1e-3):
        try:
            return np.linalg.cholesky(matrix + lift * size * np.eye(len(matrix)))
        except np.linalg.LinAlgError:
            continue
    return np.diag(np.sqrt(np.maximum(np.diag(matrix), 1e-3 * size)))
