"""The Matérn-5/2 covariance, and its slope along the line between two points."""

import numpy as np

from agents.bayesian.surrogate import Hyperparameters

_SQRT5 = 5.0**0.5


def covariance(one: np.ndarray, other: np.ndarray, groups: np.ndarray, hyperparameters: Hyperparameters) -> np.ndarray:
    """Return the covariance between points of shapes (a, columns) and (b, columns), shape (a, b)."""
    scaled = _scaled_distances(one, other, hyperparameters.lengthscales[groups])
    return _covariance(scaled, hyperparameters.outputscale)


def covariance_and_slope(
    one: np.ndarray, other: np.ndarray, groups: np.ndarray, hyperparameters: Hyperparameters
) -> tuple[np.ndarray, np.ndarray]:
    """Return the covariance and a factor s, both of shape (a, b): its gradient by ``one`` is −s · (one − other) / lengthscale²."""
    scaled = _scaled_distances(one, other, hyperparameters.lengthscales[groups])
    slope = (5.0 / 3.0) * hyperparameters.outputscale * (1.0 + scaled) * np.exp(-scaled)
    return _covariance(scaled, hyperparameters.outputscale), slope


def _scaled_distances(one: np.ndarray, other: np.ndarray, lengthscales: np.ndarray) -> np.ndarray:
    from scipy.spatial.distance import cdist

    return _SQRT5 * cdist(one / lengthscales, other / lengthscales)


def _covariance(scaled: np.ndarray, outputscale: float) -> np.ndarray:
    return outputscale * (1.0 + scaled + scaled**2 / 3.0) * np.exp(-scaled)
