"""Climbing the acquisition's gradient in the continuous parameters."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from agents.encoding import Encoding
from agents.polytope import bounds_given
from agents.programme import LinearBounds

_MAX_ITERATIONS = 25
_GOOD_ENOUGH = 1e-3
"""Change of the log acquisition (a thousandth of the improvement) below which climbing further is idle."""


class Slope(Protocol):
    """What can be climbed."""

    def value_and_gradient(self, cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return worth, shape (points,), and gradient, shape (points, columns), of points of shape (points, columns)."""
        ...


def climb(encoding: Encoding, slope: Slope, rows: np.ndarray, *, iterations: int = _MAX_ITERATIONS) -> np.ndarray:
    """Return where the gradient leads from rows of shape (points, parameters), inside limits and linear constraints.

    All points climb together, as one problem whose parts do not touch, because a batch costs little more than a point.
    Discrete parameters stay as they are; without a continuous one so do the rows. Constraints hold to the optimiser's
    tolerance only.
    """
    moves = encoding.is_continuous()
    if not moves.any():
        return rows
    from scipy.optimize import minimize

    start = np.clip(encoding.of_rows(rows), 0.0, 1.0)
    constraints = _constraints([bounds_given(encoding.space, row) for row in rows]) if encoding.space.constraints else []

    def loss(moved: np.ndarray) -> tuple[float, np.ndarray]:
        cube = start.copy()
        cube[:, moves] = moved.reshape(len(start), -1)
        values, gradient = slope.value_and_gradient(cube)
        return -float(values.sum()), -gradient[:, moves].ravel()

    end = minimize(
        loss,
        start[:, moves].ravel(),
        jac=True,
        bounds=[(0.0, 1.0)] * int(moves.sum() * len(start)),
        method="SLSQP" if constraints else "L-BFGS-B",
        constraints=constraints,
        options={"maxiter": iterations, "ftol": _GOOD_ENOUGH},
    )
    start[:, moves] = np.clip(end.x, 0.0, 1.0).reshape(len(start), -1)
    return encoding.to_rows(start)


def _constraints(each: Sequence[LinearBounds]) -> list[Mapping[str, Any]]:
    """Return SciPy's form of several points' constraints, each on its own part of one long vector."""
    from scipy.linalg import block_diag

    matrix = np.asarray(block_diag(*(bounds.matrix for bounds in each)))
    lower, upper = np.concatenate([bounds.lower for bounds in each]), np.concatenate([bounds.upper for bounds in each])
    is_equality = lower == upper
    above, below = np.isfinite(lower) & ~is_equality, np.isfinite(upper) & ~is_equality
    inequalities = np.vstack([matrix[above], -matrix[below]])
    floors = np.concatenate([lower[above], -upper[below]])
    parts = [_linear("eq", matrix[is_equality], lower[is_equality]), _linear("ineq", inequalities, floors)]
    return [part for part, n in zip(parts, (is_equality.sum(), len(floors)), strict=True) if n]


def _linear(kind: str, matrix: np.ndarray, floor: np.ndarray) -> Mapping[str, Any]:
    return {"type": kind, "fun": lambda x: matrix @ x - floor, "jac": lambda x: matrix}
