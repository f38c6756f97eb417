"""Thousands of readings, summed up at some hundreds of places.

An exact Gaussian process takes time as the cube of its readings, and memory as their square. Here the readings say what
they have to say through inducing places (Snelson and Ghahramani, NeurIPS 2006: each reading's own variance is enlarged by
what the places do not tell about it). With s(x) = L⁻¹ k(Z, x) and L Lᵀ = k(Z, Z), all covariances after the readings are
k(x, x') − s(x)ᵀ (I − B⁻¹) s(x'), which has the form of ``Process`` once I − B⁻¹ is written as a product, and that is turned
so that a triangle is left of it: turning features changes no belief.
"""

from dataclasses import dataclass, replace

import numpy as np

from agents.bayesian.kernel import covariance
from agents.bayesian.process import Process
from agents.bayesian.surrogate import Hyperparameters
from agents.bayesian.triangular import lower_times, turned_lower

MOST_EXACT = 1500
"""Readings up to which everything is exact."""
_N_BEST = 150
_N_NEWEST = 50
_N_INDUCING = 600
"""Places: the best readings', the newest ones', and those of the rest at even distances in time."""
_JITTER = 1e-8
"""Of the signal's variance."""
_CHUNK = 2000


@dataclass(frozen=True, slots=True)
class SparseProcess(Process):
    """A process whose ``places`` are inducing ones, followed by those of readings that were added since."""

    n_inducing: int = 0
    n_conditioned: int = 0
    """Readings, those added since left out."""
    left_out: float = 0.0
    """Share of the signal's variance at the readings that the inducing places do not tell, on average."""

    def means_where_read(self) -> np.ndarray:
        """Return what is believed of the signal now at the inducing places, shape (places,)."""
        return self.predict(self.places)[0]

    def with_best_mean(self) -> "SparseProcess":
        """Return itself: it was conditioned with the best mean, and one reading among thousands does not change that."""
        return self


def inducing(values: np.ndarray) -> np.ndarray:
    """Return the indices of the readings whose places stand for all, ascending."""
    n = len(values)
    chosen = np.union1d(np.argsort(-values, kind="stable")[:_N_BEST], np.arange(n - _N_NEWEST, n))
    rest = np.setdiff1d(np.arange(n), chosen)
    return np.union1d(chosen, rest[np.linspace(0, len(rest) - 1, _N_INDUCING - len(chosen)).round().astype(int)])


def condition_sparsely(
    hyperparameters: Hyperparameters,
    groups: np.ndarray,
    places: np.ndarray,
    values: np.ndarray,
    variances: np.ndarray,
    *,
    times: np.ndarray,
    now: float,
) -> SparseProcess:
    """Return the process that knows readings through some of their places, with the mean that suits them best.

    The arguments are those of ``condition``.
    """
    from scipy.linalg import cholesky, eigh
    from scipy.linalg.lapack import dtrtri  # pyright: ignore[reportAttributeAccessIssue]  (compiled, and not in its stubs)

    chosen = inducing(values)
    prior = _Prior(hyperparameters, groups, places[chosen], times[chosen])
    own = prior.shared(places[chosen], times[chosen])
    own[np.diag_indices_from(own)] += _JITTER * prior.variance
    inverse, _info = dtrtri(cholesky(own, lower=True, overwrite_a=True), lower=1)
    sums = _Sums.of(prior, inverse, places, times, np.column_stack([values, np.ones(len(values))]), variances)
    sizes, axes = eigh(sums.precision, overwrite_a=True)
    sizes = np.maximum(sizes, _JITTER)
    turned = axes.T @ sums.explained
    mean = _best_mean(sums.total, turned, sizes)
    lower, turn = turned_lower(np.sqrt(sizes / (1.0 + sizes))[:, None] * (axes.T @ inverse))
    told = turn @ (turned / np.sqrt(sizes * (1.0 + sizes))[:, None])
    return SparseProcess(
        replace(hyperparameters, mean=mean),
        groups,
        places[chosen],
        times[chosen],
        now,
        values[chosen],
        variances[chosen] + hyperparameters.noise,
        inverse_factor=lower,
        whitened=told[:, 0] - mean * told[:, 1],
        level=told[:, 1],
        n_inducing=len(chosen),
        n_conditioned=len(places),
        left_out=sums.untold / (len(places) * prior.variance),
    )


@dataclass(frozen=True, slots=True)
class _Prior:
    """What is believed before any reading, at the inducing places."""

    hyperparameters: Hyperparameters
    groups: np.ndarray
    places: np.ndarray
    times: np.ndarray

    @property
    def variance(self) -> float:
        return self.hyperparameters.outputscale + self.hyperparameters.ageing.variance

    def shared(self, places: np.ndarray, times: np.ndarray) -> np.ndarray:
        """Return covariances with other places at other times, shape (inducing places, places)."""
        matern = covariance(self.places, places, self.groups, self.hyperparameters)
        return self.hyperparameters.ageing.aged(matern, self.times[:, None] - times)


@dataclass(frozen=True, slots=True)
class _Sums:
    """Sums over all readings, each divided by what it scatters and what the inducing places do not tell of it."""

    precision: np.ndarray
    """Of told · toldᵀ, shape (inducing places, inducing places): the lower triangle, without the upper half."""
    explained: np.ndarray
    """Of told · (value, 1), shape (inducing places, 2)."""
    total: np.ndarray
    """Of (value, 1), shape (2,)."""
    untold: float
    """The signal's variance that is not told, itself not divided."""

    @classmethod
    def of(
        cls, prior: _Prior, inverse: np.ndarray, places: np.ndarray, times: np.ndarray, columns: np.ndarray, variances: np.ndarray
    ) -> "_Sums":
        from scipy.linalg.blas import dsyrk  # pyright: ignore[reportAttributeAccessIssue]  (compiled, and not in its stubs)

        precision, explained, total, untold_sum = np.zeros_like(inverse), np.zeros((len(inverse), 2)), np.zeros(2), 0.0
        for start in range(0, len(places), _CHUNK):
            part = slice(start, start + _CHUNK)
            told = lower_times(inverse, prior.shared(places[part], times[part]))
            untold = np.maximum(prior.variance - np.einsum("ij,ij->j", told, told), 0.0)
            weights = 1.0 / (variances[part] + prior.hyperparameters.noise + untold)
            precision += dsyrk(1.0, (told * np.sqrt(weights)).T, trans=1, lower=1)
            explained += (told * weights) @ columns[part]
            total += weights @ columns[part]
            untold_sum += float(untold.sum())
        return cls(precision, explained, total, untold_sum)


def _best_mean(total: np.ndarray, turned: np.ndarray, sizes: np.ndarray) -> float:
    """Return the constant mean that suits all readings best (generalised least squares, by the matrix inversion lemma)."""
    known = turned[:, 1] / (1.0 + sizes)
    return float((total[0] - known @ turned[:, 0]) / (total[1] - known @ turned[:, 1]))
