"""A Gaussian process conditioned on readings, in a form that takes one more reading without starting again.

With K = L Lᵀ the covariance of the readings, everything the process believes follows from whitened features
u(x) = L⁻¹ k(x): its mean is m + u(x)ᵀ w with w = L⁻¹ (y − m), its variance k(x, x) − |u(x)|². The inverse of L is kept
because multiplying by it is several times faster than solving, and a new reading adds one row to it.
"""

from dataclasses import dataclass, replace

import numpy as np

from agents.bayesian.ageing import Steady
from agents.bayesian.kernel import covariance
from agents.bayesian.surrogate import Hyperparameters
from agents.bayesian.triangular import lower_times, transposed_times, with_row

_CHUNK = 1024
"""Points predicted at once, so that memory does not grow with their number."""
_SMALLEST = 1e-12
"""Of the signal's variance: what rounding leaves of a variance that should be zero."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Points whose features are kept, because they will be asked for again once one more reading is known."""

    cube: np.ndarray
    """The points, shape (points, columns)."""
    shared: np.ndarray
    features: np.ndarray
    """Shape (readings, points), both."""


@dataclass(frozen=True, slots=True)
class Process:
    """One objective's Gaussian process, standardised."""

    hyperparameters: Hyperparameters
    groups: np.ndarray
    """The parameter each column belongs to, shape (columns,)."""
    places: np.ndarray
    """Where readings were taken, shape (readings, columns)."""
    times: np.ndarray
    """The trials' numbers, shape (readings,)."""
    now: float
    """The number of the next trial, for which predictions are."""
    values: np.ndarray
    """What was read, standardised, shape (readings,)."""
    variances: np.ndarray
    """Of the readings around the signal, all noise included, shape (readings,)."""
    inverse_factor: np.ndarray
    """L⁻¹, a lower triangle of shape (readings, readings)."""
    whitened: np.ndarray
    """L⁻¹ (y − m), shape (readings,)."""
    level: np.ndarray
    """L⁻¹ 1, what a constant looks like, shape (readings,)."""
    seen: tuple[Seen, ...] = ()

    @property
    def variance(self) -> float:
        """Return the variance where nothing is known."""
        return self.hyperparameters.outputscale + self.hyperparameters.ageing.variance

    @property
    def ages(self) -> np.ndarray:
        """Return how many trials ago the readings were taken, shape (readings,)."""
        return self.now - self.times

    @property
    def weights(self) -> np.ndarray:
        """Return K⁻¹ (y − m), what each reading weighs in the mean, shape (readings,)."""
        return transposed_times(self.inverse_factor, self.whitened)

    def covariance(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return what the signal at two sets of points shares now, before any reading, shape (a, b)."""
        return self.hyperparameters.ageing.aged(covariance(one, other, self.groups, self.hyperparameters), np.zeros(1))

    def features(self, cube: np.ndarray) -> np.ndarray:
        """Return u(x) of points of shape (points, columns) as they are now, shape (readings, points)."""
        for seen in self.seen:
            if seen.cube is cube:
                return seen.features
        return lower_times(self.inverse_factor, self.shared(cube))

    def remembering(self, cube: np.ndarray) -> "Process":
        """Return the process that keeps the features of these points, asked for by this very array, as readings are added."""
        shared = self.shared(cube)
        return replace(self, seen=(*self.seen, Seen(cube, shared, lower_times(self.inverse_factor, shared))))

    def remembers(self, cube: np.ndarray) -> bool:
        """Return whether the features of this very array are kept."""
        return any(seen.cube is cube for seen in self.seen)

    def shared(self, cube: np.ndarray, time: float | None = None) -> np.ndarray:
        """Return what readings share with the signal at points, now or at another time, shape (readings, points)."""
        ages = (self.now if time is None else time) - self.times
        matern = covariance(self.places, cube, self.groups, self.hyperparameters)
        return self.hyperparameters.ageing.aged(matern, ages[:, None])

    def predict(self, cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and sd of the signal itself (noise apart), each of shape (points,)."""
        parts = [self._predict(cube[start : start + _CHUNK]) for start in range(0, max(len(cube), 1), _CHUNK)]
        means, sds = (np.concatenate(part) for part in zip(*parts, strict=True))
        return means, sds

    def _predict(self, cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        features = self.features(cube)
        variances = self.variance - np.einsum("ij,ij->j", features, features)
        return self.hyperparameters.mean + self.whitened @ features, np.sqrt(np.maximum(variances, 0.0))

    def means_where_read(self) -> np.ndarray:
        """Return what is believed of the signal now where it was read, shape (readings,)."""
        if not isinstance(self.hyperparameters.ageing, Steady):
            return self.predict(self.places)[0]
        return self.values - self.variances * self.weights

    def with_reading(self, place: np.ndarray, value: float, variance: float, time: float | None = None) -> "Process":
        """Return the process that knows one reading more.

        Args:
            place: Shape (columns,).
            value: Standardised.
            variance: Of the reading around the signal, all noise included.
            time: The trial's number; now by default.
        """
        time = self.now if time is None else time
        age = self.now - time
        features = lower_times(self.inverse_factor, self.shared(place[None, :], time)[:, 0])
        left = self.variance + variance - features @ features
        pivot = np.sqrt(max(left, _SMALLEST * self.variance))
        row = np.append(-transposed_times(self.inverse_factor, features) / pivot, 1.0 / pivot)
        surprise = value - self.hyperparameters.mean - self.whitened @ features
        return replace(
            self,
            places=np.vstack([self.places, place]),
            times=np.append(self.times, time),
            values=np.append(self.values, value),
            variances=np.append(self.variances, variance),
            inverse_factor=with_row(self.inverse_factor, row),
            whitened=np.append(self.whitened, surprise / pivot),
            level=np.append(self.level, row.sum()),
            seen=tuple(self._seen_with(seen, place, age, row) for seen in self.seen),
        )

    def _seen_with(self, seen: Seen, place: np.ndarray, age: float, row: np.ndarray) -> Seen:
        """Return kept features with those of one more reading: its row of the inverse factor is all that is new."""
        matern = covariance(place[None, :], seen.cube, self.groups, self.hyperparameters)
        shared = np.vstack([seen.shared, self.hyperparameters.ageing.aged(matern, np.array([[age]]))])
        return Seen(seen.cube, shared, np.vstack([seen.features, row @ shared]))

    def with_best_mean(self) -> "Process":
        """Return the process with the constant mean that suits the readings best (generalised least squares)."""
        whitened = self.whitened + self.hyperparameters.mean * self.level
        mean = float(self.level @ whitened / (self.level @ self.level))
        return replace(self, hyperparameters=replace(self.hyperparameters, mean=mean), whitened=whitened - mean * self.level)


def condition(
    hyperparameters: Hyperparameters,
    groups: np.ndarray,
    places: np.ndarray,
    values: np.ndarray,
    variances: np.ndarray,
    *,
    times: np.ndarray | None = None,
    now: float = 0.0,
) -> Process:
    """Return the process that knows readings.

    Args:
        hyperparameters: The noise in them is added to the variances.
        groups: The parameter each column belongs to, shape (columns,).
        places: Shape (readings, columns).
        values: Standardised, shape (readings,).
        variances: What the readings state of their own, standardised, shape (readings,).
        times: The trials' numbers, shape (readings,); by default all readings are of now.
        now: The number of the next trial.
    """
    from scipy.linalg import cholesky
    from scipy.linalg.lapack import dtrtri  # pyright: ignore[reportAttributeAccessIssue]  (compiled, and not in its stubs)

    times = np.full(len(places), now) if times is None else times
    known = hyperparameters.ageing.aged(covariance(places, places, groups, hyperparameters), times[:, None] - times)
    all_variances = variances + hyperparameters.noise
    known[np.diag_indices_from(known)] += all_variances
    inverse, _info = dtrtri(cholesky(known, lower=True, overwrite_a=True), lower=1)
    whitened = lower_times(inverse, values - hyperparameters.mean)
    return Process(hyperparameters, groups, places, times, now, values, all_variances, inverse, whitened, inverse.sum(axis=1))
