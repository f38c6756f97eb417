"""Noisy expected improvement in closed form, with its gradient.

What the best measured point is truly worth is not known, so improvement is averaged over draws of it (Letham et al.,
Bayesian Analysis 14, 495 (2019)). For each draw of the signal at the most promising measured points, the rest is a
Gaussian process without noise there, whose expected improvement has a formula: no sampling at the points compared, a
smooth function, and none of it at a point that is known. Pending points are drawn along with the measured ones, which
is the same as to ask for the best addition to them. In logarithms, so that its slope never vanishes (Ament et al.,
NeurIPS 2023).
"""

import numpy as np

from agents.bayesian.factors import Factor
from agents.bayesian.kernel import covariance_and_slope
from agents.bayesian.process import Process

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

    name = "log noisy expected improvement"

    def __init__(
        self,
        process: Process,
        pending: np.ndarray,
        *,
        factor: Factor,
        rng: np.random.Generator,
        among: np.ndarray | None = None,
    ) -> None:
        """Draw what the best of the measured and pending points may be worth.

        Args:
            process: What is believed.
            pending: Shape (pending, columns).
            factor: What speaks for or against places besides.
            rng: Draws.
            among: Which of the process's places may be the best, shape (places,), boolean; all by default.
        """
        baseline = np.vstack([_most_promising(process, among), pending])
        features = process.features(baseline)
        root = _root(process.covariance(baseline, baseline) - features.T @ features)
        half = rng.standard_normal((len(baseline), _N_DRAWS // 2))
        draws = np.hstack([half, -half])
        self._process, self._factor, self._baseline = process, factor, baseline
        self._features, self._below = features, np.linalg.inv(root)
        self._draws = draws
        known = process.whitened[:, None] - features @ (self._below.T @ draws)
        self._weights = np.vstack([process.inverse_factor.T @ known, self._below.T @ draws])
        self._best = ((process.whitened @ features)[:, None] + root @ draws).max(axis=0)

    @property
    def n_places(self) -> int:
        """Return how many points each comparison involves."""
        return len(self._process.places) + len(self._baseline)

    def of_cube(self, cube: np.ndarray) -> np.ndarray:
        """Return the log acquisition of points of shape (points, columns), shape (points,)."""
        parts = [self._value(cube[start : start + _CHUNK]) for start in range(0, len(cube), _CHUNK)]
        return np.concatenate(parts) if parts else np.empty(0)

    def value_and_gradient(self, cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the log acquisition, shape (points,), and its gradient, shape (points, columns)."""
        process, hyperparameters = self._process, self._process.hyperparameters
        places = np.vstack([process.places, self._baseline])
        ages = np.append(process.ages, np.zeros(len(self._baseline)))
        matern, slope = covariance_and_slope(cube, places, process.groups, hyperparameters)
        above, below, sd, z, log_h = self._standing(hyperparameters.ageing.aged(matern, ages).T)
        value = np.log(sd) + _log_mean_exp(log_h)
        share = np.exp(log_h - _log_mean_exp(log_h)[:, None]) / _N_DRAWS
        hope = share * _chance_over_gain(z, log_h)
        by_sd = (1.0 - (hope * z).sum(axis=1)) / sd
        by_shared = (hope / sd[:, None]) @ self._weights.T - (by_sd / sd)[:, None] * self._pulled_back(above, below)
        pull = by_shared * slope * hyperparameters.ageing.share(ages)
        lengthscales = hyperparameters.lengthscales[process.groups]
        gradient = -(pull.sum(axis=1)[:, None] * cube - pull @ places) / lengthscales**2
        log_factor, its_gradient = self._factor.log_factor(cube)
        return value + log_factor, gradient + its_gradient

    def _value(self, cube: np.ndarray) -> np.ndarray:
        process = self._process
        shared = np.vstack([process.shared(cube), process.covariance(self._baseline, cube)])
        *_, sd, _z, log_h = self._standing(shared)
        return np.log(sd) + _log_mean_exp(log_h) + self._factor.log_factor(cube)[0]

    def _standing(self, shared: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return features, sds, standardised gains and the logs of what these promise.

        Given the draws, the signal is a process that knows the baseline besides the readings. Its features are those of the
        readings, ``above``, and of the baseline, ``below``; their joint factor is never written out, for copying it takes long.

        Args:
            shared: Covariances of readings and baseline with points, shape (readings + baseline, points).

        Returns:
            above (readings, points), below (baseline, points), sds (points,), gains and logs (points, draws).
        """
        process, n = self._process, len(self._process.places)
        above = process.inverse_factor @ shared[:n]
        below = self._below @ (shared[n:] - self._features.T @ above)
        variance = process.variance - np.einsum("ij,ij->j", above, above) - np.einsum("ij,ij->j", below, below)
        sd = np.sqrt(np.maximum(variance, _SMALLEST * process.variance))
        z = ((process.whitened @ above)[:, None] + below.T @ self._draws - self._best) / sd[:, None]
        return above, below, sd, z, log_gain(z)

    def _pulled_back(self, above: np.ndarray, below: np.ndarray) -> np.ndarray:
        """Return half the slope of the variance by the shared covariances, less its sign, shape (points, readings + baseline)."""
        back = self._below.T @ below
        return np.hstack([(above - self._features @ back).T @ self._process.inverse_factor, back.T])


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


def _most_promising(process: Process, among: np.ndarray | None) -> np.ndarray:
    """Return the distinct measured points believed best, shape (up to ``_MAX_BASELINE``, columns)."""
    best_first = np.argsort(-process.means_where_read(), kind="stable")
    best_first = best_first if among is None else best_first[among[best_first]]
    _distinct, first = np.unique(process.places[best_first], axis=0, return_index=True)
    return process.places[best_first[np.sort(first)[:_MAX_BASELINE]]]


def _root(matrix: np.ndarray) -> np.ndarray:
    """Return the lower Cholesky factor of a covariance, lifted just enough to have one."""
    size = max(float(np.trace(matrix)) / max(len(matrix), 1), 1e-300)
    for lift in (1e-9, 1e-7, 1e-5, 1e-3):
        try:
            return np.linalg.cholesky(matrix + lift * size * np.eye(len(matrix)))
        except np.linalg.LinAlgError:
            continue
    return np.diag(np.sqrt(np.maximum(np.diag(matrix), 1e-3 * size)))
