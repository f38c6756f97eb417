"""What an acquisition is multiplied by, besides what a reading is expected to bring."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np


class Factor(Protocol):
    """Makes some places more or less worth going to."""

    def log_factor(self, cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the log of the factor at points of shape (points, columns), shape (points,), and its gradient."""
        ...


@dataclass(frozen=True, slots=True)
class Product:
    """Several factors at once."""

    factors: tuple[Factor, ...]

    def log_factor(self, cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the log of the product at points of shape (points, columns), shape (points,), and its gradient."""
        value, gradient = np.zeros(len(cube)), np.zeros_like(cube)
        for factor in self.factors:
            its_value, its_gradient = factor.log_factor(cube)
            value, gradient = value + its_value, gradient + its_gradient
        return value, gradient
