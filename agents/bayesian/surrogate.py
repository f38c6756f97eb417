"""Fitting a Gaussian process: the most probable hyperparameters, by gradient.

The kernel is Matérn-5/2 with one lengthscale per parameter. All priors are normal in the logarithms, but one. That of the
lengthscales grows with the square root of the number of parameters, as BoTorch's does (Hvarfner, Hellsten and Nardi,
ICML 2024): a wide space then does not look like pure noise. Up to two parameters it is as likely anywhere as theirs. With
more, a few readings cannot tell as many lengthscales, and it narrows. Its tails are then heavy, so that a parameter that
does not matter can still show it; and all may be longer or shorter together, by as much again, so that an objective that
rises all along its parameters can show that in a few readings. The gradient is written out because a fit through automatic
differentiation costs about ten times as much, and a fit runs before every motion.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from agents.bayesian.ageing import Ageing, Kind, Steady

LENGTHSCALE_LIMITS = (0.025, 100.0)
OUTPUTSCALE_LIMITS = (0.05, 20.0)
NOISE_LIMITS = (1e-5, 3.0)

_LENGTHSCALE_PRIOR = (0.205, 3.0**0.5)
"""Median for one parameter, in the unit cube, and width of the logarithm: BoTorch's log-normal density has its mode there.
A narrower prior at longer lengthscales tells noise from signal sooner, but finds the best point later."""
_NARROWEST = 0.75
"""Of the widths: that of BayBE's gamma prior about its mode. A category keeps the widest: nobody knows how alike two are."""
_TAILS = 2.0
"""Degrees of freedom of Student's t, whose shape the lengthscales' prior has where it is narrowed."""
_OUTPUTSCALE_PRIOR = (1.0, 0.5)
"""The same for the signal's variance: outcomes are standardised, so it is of order 1."""
_NOISE_PRIOR = (0.05, 1.5)
"""The same for the noise variance: a noise sd of 22 % of the outcomes' spread, give or take a factor of 2.1, for instruments differ."""
_RESIDUAL_PRIOR = (0.01, 1.5)
"""The same where the scores state their own sds and only what those leave out is to be found."""

_MAX_ITERATIONS = 60
_JITTER = 1e-9


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """In the unit cube and in standardised outcome units."""

    lengthscales: np.ndarray
    """One per parameter, or per direction where those are given, shape (parameters,)."""
    outputscale: float
    """Variance of the signal."""
    noise: float
    """Variance of a score beyond what the score itself states."""
    mean: float = 0.0
    ageing: Ageing = Steady()  # noqa: RUF009  (frozen)
    directions: np.ndarray | None = None
    """Orthogonal, one per column, shape (columns, columns); the axes if None."""

    def scaled(self, cube: np.ndarray, groups: np.ndarray) -> np.ndarray:
        """Return points of shape (points, columns) along the directions, in lengthscales; each column belongs to one of ``groups``."""
        return turned(cube, self.directions) / self.lengthscales[groups]

    def as_log(self) -> np.ndarray:
        return np.concatenate([np.log([*self.lengthscales, self.outputscale, self.noise]), self.ageing.as_log()])


def turned(cube: np.ndarray, directions: np.ndarray | None) -> np.ndarray:
    """Return points of shape (points, columns) along directions, or as they are if those are None."""
    return cube if directions is None else cube @ directions


@dataclass(frozen=True, slots=True)
class Problem:
    """One objective's data, ready for the likelihood."""

    cube: np.ndarray
    """The points, shape (trials, columns)."""
    groups: np.ndarray
    """The parameter each column belongs to, shape (columns,)."""
    squares: np.ndarray
    """Squared distances in the unit cube by parameter or direction, shape (parameters, trials, trials)."""
    values: np.ndarray
    variances: np.ndarray
    """Known variances, zeros where scores state none, shape (trials,)."""
    ages: np.ndarray
    """Trials between any two, shape (trials, trials)."""
    ageing: Kind
    """What becomes of readings with age."""
    prior_location: np.ndarray
    """Of the logs of the hyperparameters, shape (parameters + 2 + those of the ageing,)."""
    prior_scale: np.ndarray
    directions: np.ndarray | None = None

    @classmethod
    def of(
        cls,
        cube: np.ndarray,
        groups: np.ndarray,
        values: np.ndarray,
        variances: np.ndarray | None = None,
        *,
        states_noise: bool = True,
        times: np.ndarray | None = None,
        directions: np.ndarray | None = None,
    ) -> "Problem":
        """Return the problem for points of shape (trials, columns) whose columns belong to the parameters in ``groups``.

        Args:
            cube: The points.
            groups: Shape (columns,).
            values: Standardised, shape (trials,).
            variances: Known ones, shape (trials,).
            states_noise: Whether those tell how much all readings scatter, and not only which are doubted.
            times: The trials' numbers, shape (trials,); by default all readings are as old.
            directions: Lengthscales lie along these, shape (columns, columns), or along the axes.
        """
        noise_prior = _RESIDUAL_PRIOR if variances is not None and states_noise else _NOISE_PRIOR
        priors = np.array([*_lengthscale_priors(groups), _OUTPUTSCALE_PRIOR, noise_prior])
        variances = np.zeros(len(cube)) if variances is None else variances
        times = np.zeros(len(cube)) if times is None else times
        ages = np.abs(times[:, None] - times[None, :])
        squares = _squares(turned(cube, directions), groups)
        return cls(cube, groups, squares, values, variances, ages, Steady, np.log(priors[:, 0]), priors[:, 1], directions)

    @property
    def turned_cube(self) -> np.ndarray:
        """Return the points along the directions, shape (trials, columns)."""
        return turned(self.cube, self.directions)

    def along(self, directions: np.ndarray | None) -> "Problem":
        """Return the problem with lengthscales along directions, shape (columns, columns), or along the axes."""
        return replace(self, directions=directions, squares=_squares(turned(self.cube, directions), self.groups))

    def of_kind(self, ageing: Kind) -> "Problem":
        """Return a steady problem as one whose readings age."""
        medians, sds = np.array(ageing.prior).reshape(-1, 2).T
        location, scale = np.concatenate([self.prior_location, np.log(medians)]), np.concatenate([self.prior_scale, sds])
        return replace(self, ageing=ageing, prior_location=location, prior_scale=scale)


def _lengthscale_priors(groups: np.ndarray) -> list[tuple[float, float]]:
    """Return the median and the width of each parameter's lengthscale, of columns that belong to the parameters in ``groups``."""
    n_columns = np.bincount(groups)
    median, widest = _LENGTHSCALE_PRIOR
    of_numbers = float(np.clip(2.0 * widest / max(1, (n_columns == 1).sum()), _NARROWEST, widest))
    return [(median * len(n_columns) ** 0.5, of_numbers if n == 1 else widest) for n in n_columns]


def _squares(cube: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return squared distances between points of shape (points, columns), shape (parameters, points, points)."""
    squares = np.zeros((int(groups.max()) + 1, len(cube), len(cube)))
    for column, group in zip(cube.T, groups, strict=True):
        squares[group] += (column[:, None] - column[None, :]) ** 2
    return squares


def fit(problem: Problem, starts: Sequence[np.ndarray]) -> Hyperparameters:
    """Return the most probable hyperparameters that the descent finds from several starts, each the logs of some."""
    return fit_and_loss(problem, starts)[0]


def fit_and_loss(problem: Problem, starts: Sequence[np.ndarray]) -> tuple[Hyperparameters, float]:
    """Return the same, and minus the log of its likelihood times priors."""
    loss, found = min((_descend(problem, start) for start in starts), key=lambda end: end[0])
    return with_mean(problem, from_log(problem, found)), loss


def with_mean(problem: Problem, hyperparameters: Hyperparameters) -> Hyperparameters:
    """Return the hyperparameters with the constant mean that suits the data best (generalised least squares)."""
    from scipy.linalg import cho_solve

    kernel = hyperparameters.ageing.aged(kernel_and_slope(problem, hyperparameters)[0], problem.ages)
    weights = cho_solve(_factor(kernel, problem, hyperparameters.noise), np.ones(len(problem.values)))
    return replace(hyperparameters, mean=float(weights @ problem.values / weights.sum()))


def negative_log_posterior(problem: Problem, log_parameters: np.ndarray) -> tuple[float, np.ndarray]:
    """Return minus the log of likelihood times priors (less a constant), and its gradient by the logs of the hyperparameters."""
    return loss_and_pull(problem, log_parameters)[:2]


def loss_and_pull(problem: Problem, log_parameters: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the same, and what readings pull at each other with: −2 × the loss's slope by their squared scaled distances.

    The mean is put at its best value for each set of hyperparameters; by the envelope theorem its gradient vanishes.
    """
    from scipy.linalg import cho_solve

    hyperparameters = from_log(problem, log_parameters)
    ageing = hyperparameters.ageing
    kernel, slope = kernel_and_slope(problem, hyperparameters)
    factor = _factor(ageing.aged(kernel, problem.ages), problem, hyperparameters.noise)
    n = len(problem.values)
    inverse = cho_solve(factor, np.eye(n))
    residual = problem.values - (inverse.sum(axis=0) @ problem.values) / inverse.sum()
    weighted = inverse @ residual
    loss = residual @ weighted / 2 + np.log(np.diag(factor[0])).sum() + n / 2 * np.log(2 * np.pi)
    sensitivity = (inverse - np.outer(weighted, weighted)) / 2
    by_covariance = sensitivity * ageing.share(problem.ages)
    pull = by_covariance * slope
    by_lengthscale = np.einsum("ij,kij->k", pull, problem.squares) / hyperparameters.lengthscales**2
    by_ageing = [(sensitivity * each).sum() for each in ageing.slopes(kernel, problem.ages)]
    gradient = np.array([*by_lengthscale, (by_covariance * kernel).sum(), np.trace(sensitivity) * hyperparameters.noise, *by_ageing])
    prior, by_prior = _unlikeliness(problem, log_parameters)
    return float(loss + prior), gradient + by_prior, pull


def _unlikeliness(problem: Problem, log_parameters: np.ndarray) -> tuple[float, np.ndarray]:
    """Return minus the log of the priors (less a constant), and its gradient: Student's t for narrowed lengthscales, else normal.

    What all narrowed lengthscales have in common is put where it would be most probable if these were normal, too.
    """
    standard = (log_parameters - problem.prior_location) / problem.prior_scale
    is_lengthscale = np.arange(len(standard)) < len(problem.squares)
    is_narrowed = is_lengthscale & (problem.prior_scale < _LENGTHSCALE_PRIOR[1])
    weight = is_narrowed / (is_narrowed.sum() + 1.0)
    common = float(weight @ standard)
    own = standard - common * is_narrowed
    loss = np.where(is_narrowed, (_TAILS + 1.0) / 2.0 * np.log1p(own**2 / _TAILS), own**2 / 2.0)
    slope = np.where(is_narrowed, (_TAILS + 1.0) * own / (_TAILS + own**2), own)
    slope += weight * (common - slope[is_narrowed].sum())
    return float(loss.sum() + common**2 / 2.0), slope / problem.prior_scale


def covariance_of(problem: Problem, hyperparameters: Hyperparameters) -> np.ndarray:
    """Return the covariance of the signal where and when it was read, shape (trials, trials), with what keeps it invertible."""
    aged = hyperparameters.ageing.aged(kernel_and_slope(problem, hyperparameters)[0], problem.ages)
    return aged + _JITTER * np.eye(len(problem.values))


def kernel_and_slope(problem: Problem, hyperparameters: Hyperparameters) -> tuple[np.ndarray, np.ndarray]:
    """Return the kernel matrix and its factor common to all derivatives by the log of a lengthscale."""
    scaled = np.sqrt(5.0 * np.einsum("k,kij->ij", hyperparameters.lengthscales**-2.0, problem.squares))
    decay = hyperparameters.outputscale * np.exp(-scaled)
    return decay * (1.0 + scaled + scaled**2 / 3.0), decay * (5.0 / 3.0) * (1.0 + scaled)


def _factor(kernel: np.ndarray, problem: Problem, noise: float) -> tuple[np.ndarray, bool]:
    from scipy.linalg import cho_factor

    return cho_factor(kernel + np.diag(problem.variances + noise + _JITTER), lower=True)


def cold_starts(problem: Problem) -> Sequence[np.ndarray]:
    """Return where to descend from when nothing is known: little noise, and much noise; the likelihood often has both modes."""
    little, much = problem.prior_location.copy(), problem.prior_location.copy()
    noise = len(problem.squares) + 1
    little[noise] -= problem.prior_scale[noise]
    much[noise] += problem.prior_scale[noise]
    return [little, much]


def _descend(problem: Problem, start: np.ndarray) -> tuple[float, np.ndarray]:
    from scipy.optimize import minimize

    bounds = log_bounds(problem)
    end = minimize(
        lambda logs: negative_log_posterior(problem, logs),
        np.clip(start, bounds[:, 0], bounds[:, 1]),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": _MAX_ITERATIONS},
    )
    return float(end.fun), end.x


def log_bounds(problem: Problem) -> np.ndarray:
    """Return the limits of the logs of the hyperparameters, shape (hyperparameters, 2)."""
    return np.log([LENGTHSCALE_LIMITS] * len(problem.squares) + [OUTPUTSCALE_LIMITS, NOISE_LIMITS, *problem.ageing.limits])


def from_log(problem: Problem, log_parameters: np.ndarray) -> Hyperparameters:
    values, n = np.exp(log_parameters), len(problem.squares)
    ageing = problem.ageing(*map(float, values[n + 2 :]))
    return Hyperparameters(values[:n], float(values[n]), float(values[n + 1]), ageing=ageing, directions=problem.directions)
