"""What an acquisition is multiplied by, besides what a reading is expected to bring."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np


class Factor(Protocol):
    """Makes some places more or less worth going to."""

    def log_factor(self, cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the log of the factor at points of shape (points, columns), shape (points,), and its gradient."""
        ...


@runtime_checkable
class Quick(Protocol):
    """A factor whose value takes much less time than its gradient."""

    def log_value(self, cube: np.ndarray) -> np.ndarray:
        """Return the log of the factor alone, shape (points,)."""
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

    def log_value(self, cube: np.ndarray) -> np.ndarray:
        """Return the log of the product alone, shape (points,)."""
        value = np.zeros(len(cube))
        for factor in self.factors:
            value = value + log_value(factor, cube)
        return value


def log_value(factor: Factor, cube: np.ndarray) -> np.ndarray:
    """Return the log of a factor alone, shape (points,), in the quickest way."""
    return factor.log_value(cube) if isinstance(factor, Quick) else factor.log_factor(cube)[0]
