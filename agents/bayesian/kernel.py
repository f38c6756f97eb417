"""The Matérn-5/2 covariance, and its slope along the line between two points."""

import numpy as np

from agents.bayesian.surrogate import Hyperparameters

_SQRT5 = 5.0**0.5


def covariance(one: np.ndarray, other: np.ndarray, groups: np.ndarray, hyperparameters: Hyperparameters) -> np.ndarray:
    """Return the covariance between points of shapes (a, columns) and (b, columns), shape (a, b)."""
    scaled = _scaled_distances(one, other, groups, hyperparameters)
    return _covariance(scaled, hyperparameters.outputscale)


def covariance_and_slope(
    one: np.ndarray, other: np.ndarray, groups: np.ndarray, hyperparameters: Hyperparameters
) -> tuple[np.ndarray, np.ndarray]:
    """Return the covariance and a factor s, both of shape (a, b), from which ``gradient_of_shared`` makes its gradient."""
    scaled = _scaled_distances(one, other, groups, hyperparameters)
    slope = (5.0 / 3.0) * hyperparameters.outputscale * (1.0 + scaled) * np.exp(-scaled)
    return _covariance(scaled, hyperparameters.outputscale), slope


def gradient_of_shared(
    pull: np.ndarray, one: np.ndarray, other: np.ndarray, groups: np.ndarray, hyperparameters: Hyperparameters
) -> np.ndarray:
    """Return the gradient by ``one`` of covariances with ``other``, each counted as often as ``pull`` says, shape (a, columns).

    Along a direction it is −s · (one − other) / lengthscale².

    Args:
        pull: Weights times the factor s, shape (a, b).
        one: Shape (a, columns).
        other: Shape (b, columns).
        groups: The parameter each column belongs to, shape (columns,).
        hyperparameters: Of the covariance.
    """
    here, there = hyperparameters.scaled(one, groups), hyperparameters.scaled(other, groups)
    along = -(pull.sum(axis=1)[:, None] * here - pull @ there) / hyperparameters.lengthscales[groups]
    return along if hyperparameters.directions is None else along @ hyperparameters.directions.T


def _scaled_distances(one: np.ndarray, other: np.ndarray, groups: np.ndarray, hyperparameters: Hyperparameters) -> np.ndarray:
    from scipy.spatial.distance import cdist

    return _SQRT5 * cdist(hyperparameters.scaled(one, groups), hyperparameters.scaled(other, groups))


def _covariance(scaled: np.ndarray, outputscale: float) -> np.ndarray:
    return outputscale * (1.0 + scaled + scaled**2 / 3.0) * np.exp(-scaled)
