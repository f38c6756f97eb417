"""The odds of success, learned from what succeeded and what failed: a Gaussian process of their logarithm.

A regression to 1 and 0 takes the step where success ends for scatter. A classifier does not: where the odds are even it expects
both. Its process is found by Laplace's method, its hyperparameters by the gradient of the likelihood that this method gives.

Source:
    Rasmussen and Williams, Gaussian Processes for Machine Learning, MIT Press 2006, algorithms 3.1 and 5.1, with a constant
    mean; the probability from mean and sd: MacKay, Neural Computation 4, 720 (1992).
"""

from dataclasses import dataclass

import numpy as np

from agents.bayesian.surrogate import LENGTHSCALE_LIMITS, Hyperparameters, Problem, kernel_and_slope

_SCALE_PRIOR = (10.0, 1.0)
"""Median of the variance of the log odds, and width of its logarithm: odds from 1:20 to 20:1 are nothing unusual."""
_SCALE_LIMITS = (0.1, 1000.0)
_MEAN_SD = 2.0
"""Of the mean log odds, about even ones."""
_MOST_STEPS = 50
_SETTLED = 1e-8
_MAX_ITERATIONS = 40
_FLATTEST = 1e-6
"""Curvature below which an outcome that is sure tells nothing; it keeps variances finite."""


@dataclass(frozen=True, slots=True)
class Mode:
    """The most probable log odds where something was tried."""

    log_odds: np.ndarray
    """Shape (trials,)."""
    slopes: np.ndarray
    """Of the log likelihood there, shape (trials,)."""
    curvatures: np.ndarray
    """Minus its second derivative, shape (trials,)."""
    weights: np.ndarray
    """K⁻¹ (log odds − mean), shape (trials,)."""
    factor: np.ndarray
    """Lower Cholesky factor of 1 + √W K √W, shape (trials, trials)."""

    @property
    def targets(self) -> np.ndarray:
        """Return the readings which, with variances 1/W, make a regression believe the same, shape (trials,)."""
        return self.log_odds + self.slopes / self.curvatures


def fit_odds(problem: Problem) -> Hyperparameters:
    """Return the most probable hyperparameters of the log odds; the problem's values are 1 for success and -1 for failure."""
    from scipy.optimize import minimize

    n = len(problem.squares)
    start = np.array([*problem.prior_location[:n], np.log(_SCALE_PRIOR[0]), 0.0])
    bounds = [(np.log(low), np.log(high)) for low, high in [LENGTHSCALE_LIMITS] * n + [_SCALE_LIMITS]] + [(-10.0, 10.0)]
    end = minimize(
        lambda parameters: loss_and_gradient(problem, parameters),
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": _MAX_ITERATIONS, "ftol": 1e-5},
    )
    return hyperparameters_of(end.x)


def hyperparameters_of(parameters: np.ndarray) -> Hyperparameters:
    """Return hyperparameters from the logs of lengthscales and variance, and the mean."""
    return Hyperparameters(np.exp(parameters[:-2]), float(np.exp(parameters[-2])), 0.0, mean=float(parameters[-1]))


def loss_and_gradient(problem: Problem, parameters: np.ndarray) -> tuple[float, np.ndarray]:
    """Return minus the log of likelihood times priors (less a constant), and its gradient by the parameters."""
    hyperparameters = hyperparameters_of(parameters)
    kernel, slope = kernel_and_slope(problem, hyperparameters)
    mode = mode_of(kernel, problem.values, hyperparameters.mean)
    root, inverse = np.sqrt(mode.curvatures), np.linalg.inv(mode.factor)
    half = inverse * root
    precision = half.T @ half
    centred = mode.log_odds - hyperparameters.mean
    loss = mode.weights @ centred / 2 - log_likelihood(problem.values, mode.log_odds).sum() + np.log(np.diag(mode.factor)).sum()
    spread = np.diag(kernel) - ((half @ kernel) ** 2).sum(axis=0)
    chance = 1.0 / (1.0 + np.exp(-mode.log_odds))
    by_mode = spread * mode.curvatures * (1.0 - 2.0 * chance) / 2
    through = by_mode - precision @ (kernel @ by_mode)
    changes = [slope * squares / length**2 for squares, length in zip(problem.squares, hyperparameters.lengthscales, strict=True)]
    gradient = [_by_change(change, mode, precision, through) for change in [*changes, kernel]]
    gradient.append(-mode.weights.sum() + through.sum())
    loss_of_prior, by_prior = _prior(problem, parameters)
    return float(loss + loss_of_prior), np.array(gradient) + by_prior


def _by_change(change: np.ndarray, mode: Mode, precision: np.ndarray, through: np.ndarray) -> float:
    explicit = mode.weights @ change @ mode.weights / 2 - (precision * change).sum() / 2
    return float(-explicit + through @ (change @ mode.slopes))


def _prior(problem: Problem, parameters: np.ndarray) -> tuple[float, np.ndarray]:
    n = len(problem.squares)
    middle = np.array([*problem.prior_location[:n], np.log(_SCALE_PRIOR[0]), 0.0])
    width = np.array([*problem.prior_scale[:n], _SCALE_PRIOR[1], _MEAN_SD])
    standard = (parameters - middle) / width
    return float((standard**2).sum() / 2), standard / width


def mode_of(kernel: np.ndarray, signs: np.ndarray, mean: float) -> Mode:
    """Return the most probable log odds by Newton's method, halving steps that lead too far.

    Args:
        kernel: Covariance of the log odds, shape (trials, trials).
        signs: 1 for success and -1 for failure, shape (trials,).
        mean: Of the log odds.
    """
    weights, worth = np.zeros(len(signs)), -np.inf
    log_odds = np.full(len(signs), mean)
    for _ in range(_MOST_STEPS):
        slopes, curvatures = _slopes_and_curvatures(signs, log_odds)
        factor, root = _factor(kernel, curvatures)
        wanted = curvatures * (log_odds - mean) + slopes
        target = wanted - root * _solved(factor, root * (kernel @ wanted))
        step, share = target - weights, 1.0
        while True:
            tried = weights + share * step
            there = mean + kernel @ tried
            now = log_likelihood(signs, there).sum() - tried @ (there - mean) / 2
            if now >= worth or share < 1e-3:
                break
            share /= 2
        weights, log_odds, gain, worth = tried, there, now - worth, now
        if gain < _SETTLED:
            break
    slopes, curvatures = _slopes_and_curvatures(signs, log_odds)
    return Mode(log_odds, slopes, curvatures, weights, _factor(kernel, curvatures)[0])


def log_likelihood(signs: np.ndarray, log_odds: np.ndarray) -> np.ndarray:
    """Return the log of the probability of what happened, shape (trials,)."""
    return log_chance(signs * log_odds)


def log_chance(log_odds: np.ndarray) -> np.ndarray:
    """Return the log of the probability of success that has these log odds."""
    return -np.logaddexp(0.0, -log_odds)


def _slopes_and_curvatures(signs: np.ndarray, log_odds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    chance = 1.0 / (1.0 + np.exp(-log_odds))
    return (signs + 1.0) / 2 - chance, np.maximum(chance * (1.0 - chance), _FLATTEST)


def _factor(kernel: np.ndarray, curvatures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    root = np.sqrt(curvatures)
    return np.linalg.cholesky(np.eye(len(root)) + root[:, None] * kernel * root), root


def _solved(factor: np.ndarray, right: np.ndarray) -> np.ndarray:
    from scipy.linalg import cho_solve

    return cho_solve((factor, True), right)
