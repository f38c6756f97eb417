"""One objective's field at the places that stand for the map, and what each place's error counts."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from agents.encoding import Encoding
from agents.mapping.field import Field
from orchestrator.domain.space import Categorical

_PERCENTILES = (1.0, 99.0)
_STEP = 1e-3
"""Of the unit cube, for slopes."""
_TINY = 1e-9

Goal = Literal["map", "level-set", "boundary"]


@dataclass(frozen=True, slots=True)
class View:
    """What is believed at every place; standardised."""

    field: Field
    means: np.ndarray
    """Shape (places,)."""
    variances: np.ndarray
    """Of the signal, pending points counted as read, shape (places,)."""
    heights: np.ndarray
    """The local amplitude a, shape (places,)."""
    features: np.ndarray
    """Of h: covariances after the readings are k(x, x') − u(x)ᵀ u(x'), shape (readings, places)."""
    weights: np.ndarray
    """What one unit of squared error counts, shape (places,)."""

    @property
    def span(self) -> float:
        """Return the map's range as believed, between its 1st and 99th percentile."""
        low, high = np.percentile(self.means, _PERCENTILES)
        return float(high - low)

    @property
    def errors(self) -> np.ndarray:
        """Return the expected squared errors as they count, shape (places,)."""
        return self.weights * self.variances

    def gains(self, cube: np.ndarray, candidates: np.ndarray) -> np.ndarray:
        """Return by how much measuring a candidate lowers the sum of all errors.

        A reading at c lowers the variance at x by cov(x, c)² / (var(c) + noise): the integrated criterion of Cohn,
        Neural Computation 8, 1071 (1996), with weights.

        Args:
            cube: All places, shape (places, columns).
            candidates: Indices of places, shape (candidates,).
        """
        prior = self.field.process.covariance(cube, cube[candidates])
        shared = (prior - self.features.T @ self.features[:, candidates]) * self.heights[:, None] * self.heights[candidates]
        return self.weights @ shared**2 / (self.variances[candidates] + self.field.noise(cube[candidates]))


def view(field: Field, encoding: Encoding, cube: np.ndarray, *, goal: Goal, level: float | None) -> View:
    """Return a field at places of shape (places, columns).

    Args:
        field: Pending points included.
        encoding: Of the space.
        cube: The places.
        goal: What errors count for.
        level: Of a level set, in the objective's unit; None for objectives that have none, which then count everywhere.
    """
    means = field.amplitude.expected(cube)
    heights = np.sqrt(field.amplitude.at(cube, means))
    features = field.process.features(cube)
    variances = np.maximum(field.process.variance - np.einsum("ij,ij->j", features, features), _TINY) * heights**2
    whole = View(field, means, variances, heights, features, np.ones(len(cube)))
    weights = _weights(whole, encoding, cube, goal=goal, level=level) / max(whole.span, _TINY) ** 2
    return View(field, means, variances, heights, features, weights)


def _weights(whole: View, encoding: Encoding, cube: np.ndarray, *, goal: Goal, level: float | None) -> np.ndarray:
    if goal == "level-set" and level is not None:
        return _density_at(whole, cube, level)
    if goal == "boundary":
        return _squared_slopes(whole, encoding, cube)
    return np.ones(len(cube))


def _density_at(whole: View, cube: np.ndarray, level: float) -> np.ndarray:
    """Return how likely the signal is within a reading's noise of a level, where it is likeliest 1.

    Source: Picheny et al., J. Mech. Des. 132, 071008 (2010), targeted integrated mean square error.
    """
    spread = whole.variances + whole.field.noise(cube)
    distance = whole.means - standardised(whole.field, level)
    logs = -(distance**2) / (2.0 * spread) - np.log(spread) / 2.0
    return np.exp(logs - logs.max())


def standardised(field: Field, number: float) -> float:
    """Return a number in the objective's unit as the field has it."""
    return float(field.outcome.scaling.standardised(np.array(number)))


def _squared_slopes(whole: View, encoding: Encoding, cube: np.ndarray) -> np.ndarray:
    """Return the expected squared slope: that of the mean, and what its uncertainty adds.

    A Matérn-5/2 signal of variance s² and lengthscale ℓ has slopes of variance 5 s² / (3 ℓ²).
    """
    kinds = [isinstance(parameter, Categorical) for parameter in encoding.space.parameters.values()]
    numeric = np.flatnonzero(~np.array(kinds)[encoding.groups])
    if not len(numeric):
        return np.ones(len(cube))
    lengthscales = whole.field.hyperparameters.lengthscales[encoding.groups][numeric]
    expected = whole.field.amplitude.expected
    steps = _STEP * np.eye(cube.shape[1])[numeric]
    slopes = [(expected(cube + step) - expected(cube - step)) / (2.0 * _STEP) for step in steps]
    return np.square(slopes).sum(axis=0) + whole.variances * (5.0 / 3.0) * (lengthscales**-2.0).sum()
