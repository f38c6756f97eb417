"""Vetoed and failed points: their surroundings are avoided."""

from dataclasses import dataclass

import numpy as np

from agents.bayesian.observations import Observations
from agents.encoding import Encoding
from agents.past import refused_points, vetoed_points
from agents.spread import distance_to_nearest
from orchestrator.domain.history import History

_LARGEST = 0.2
"""How far around a refused point is avoided at most, in the unit cube."""
_TINY = 1e-30


@dataclass(frozen=True, slots=True)
class Refusals:
    """Points to stay away from."""

    centres: np.ndarray
    """Shape (refused, columns)."""
    radii: np.ndarray
    """Shape (refused,), in the unit cube."""

    def log_factor(self, cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return log(1 − exp(−(distance / radius)² / 2)) summed over refused points, shape (points,), and its gradient."""
        total, gradient = np.zeros(len(cube)), np.zeros_like(cube)
        for centre, radius in zip(self.centres, self.radii, strict=True):
            offset = (cube - centre) / radius
            half = (offset**2).sum(axis=1) / 2
            left = _TINY - np.expm1(-half)
            total += np.log(left)
            gradient += (np.exp(-half) / left)[:, None] * offset / radius
        return total, gradient


def refusals(history: History, encoding: Encoding, observations: Observations, *, only_vetoes: bool) -> Refusals:
    """Avoid refused points' surroundings half-way to the nearest measured point, for that one was permitted.

    Args:
        history: What was refused.
        encoding: Of the space.
        observations: What was measured.
        only_vetoes: Whether failures are left out, as something else learns from them.
    """
    centres = encoding.of_points(vetoed_points(history) if only_vetoes else refused_points(history))
    radii = np.minimum(_LARGEST, distance_to_nearest(centres, observations.cube) / 2)
    return Refusals(centres, np.maximum(radii, 1e-6))
