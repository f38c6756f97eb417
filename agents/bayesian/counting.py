"""How much readings scatter by how long they were exposed, where scores do not say it: learned from what the fit leaves.

A reading's variance is a floor, which no exposure lowers, and a part that falls as one over the exposure, as counting does.
"""

import numpy as np

from agents.bayesian.surrogate import NOISE_LIMITS, Hyperparameters, Problem, covariance_of

_PRIOR = (0.05, 1.5)
"""Median and sd of the logarithm of the variance of a reading of ordinary exposure, standardised: that of any noise."""
_LIMITS = (1e-6, 30.0)
_MAX_ITERATIONS = 30


def probable_counting(problem: Problem, exposures: np.ndarray, hyperparameters: Hyperparameters, start: float) -> float:
    """Return the most probable variance times exposure, beside the floor that is most probable with it.

    Args:
        problem: Variances are those known of doubted readings only.
        exposures: Shape (trials,).
        hyperparameters: What is believed of the signal; its noise is where the floor is looked for first.
        start: Where it is looked for first.
    """
    from scipy.optimize import minimize

    kernel, ordinary = covariance_of(problem, hyperparameters), ordinary_exposure(exposures)
    end = minimize(
        lambda logs: _loss(problem, kernel, ordinary / exposures, logs),
        np.clip(np.log([hyperparameters.noise, start / ordinary]), *np.log([NOISE_LIMITS, _LIMITS]).T),
        jac=True,
        method="L-BFGS-B",
        bounds=np.log([NOISE_LIMITS, _LIMITS]),
        options={"maxiter": _MAX_ITERATIONS},
    )
    return float(np.exp(end.x[1])) * ordinary


def presumed_counting(exposures: np.ndarray) -> float:
    """Return variance times exposure, standardised, before anything is learned from readings with such exposures."""
    return _PRIOR[0] * ordinary_exposure(exposures)


def ordinary_exposure(exposures: np.ndarray) -> float:
    """Return the geometric mean."""
    return float(np.exp(np.log(exposures).mean()))


def _loss(problem: Problem, kernel: np.ndarray, shares: np.ndarray, logs: np.ndarray) -> tuple[float, np.ndarray]:
    """Return minus the log of likelihood times priors (less a constant), and its gradient by the logs of floor and counting."""
    from scipy.linalg import cho_factor, cho_solve

    each = np.vstack([np.ones(len(shares)), shares]) * np.exp(logs)[:, None]
    factor = cho_factor(kernel + np.diag(problem.variances + each.sum(axis=0)), lower=True)
    inverse = cho_solve(factor, np.eye(len(shares)))
    residual = problem.values - (inverse.sum(axis=0) @ problem.values) / inverse.sum()
    weighted = inverse @ residual
    sensitivity = (np.diag(inverse) - weighted**2) / 2
    location, scale = np.array([problem.prior_location[len(problem.squares) + 1], np.log(_PRIOR[0])]), _PRIOR[1]
    standard = (logs - location) / scale
    loss = residual @ weighted / 2 + np.log(np.diag(factor[0])).sum() + standard @ standard / 2
    return float(loss), each @ sensitivity + standard / scale
