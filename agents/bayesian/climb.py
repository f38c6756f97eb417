"""Climbing the acquisition's gradient in the continuous parameters. Imports torch."""

import numpy as np
import torch
from botorch.generation.gen import gen_candidates_scipy
from torch import Tensor

from agents.bayesian.acquisition import Judge
from agents.encoding import Encoding
from agents.programme import bounds_of

_MAX_ITERATIONS = 40


def climb(encoding: Encoding, judge: Judge, cube: np.ndarray) -> np.ndarray:
    """Return where the gradient leads from points of shape (points, columns), inside limits and linear constraints.

    Columns of discrete parameters stay as they are. Constraints hold to the optimiser's tolerance only.
    """
    start = torch.from_numpy(np.clip(cube, 0.0, 1.0)).unsqueeze(-2)
    inequalities, equalities = _constraints(encoding)
    ends, _ = gen_candidates_scipy(
        start,
        judge,
        lower_bounds=torch.zeros(cube.shape[1], dtype=start.dtype),
        upper_bounds=torch.ones(cube.shape[1], dtype=start.dtype),
        inequality_constraints=inequalities or None,
        equality_constraints=equalities or None,
        fixed_features={int(column): start[:, :, column] for column in np.flatnonzero(~encoding.is_continuous())} or None,
        options={"maxiter": _MAX_ITERATIONS, **({"max_optimization_problem_aggregation_size": 1} if inequalities or equalities else {})},
    )
    return ends.squeeze(-2).numpy()


Constraint = tuple[Tensor, Tensor, float]
"""Columns, coefficients and right-hand side, as BoTorch writes ``sum(coefficient * column) >= right-hand side``."""


def _constraints(encoding: Encoding) -> tuple[list[Constraint], list[Constraint]]:
    """Return the space's constraints on the unit cube: inequalities and equalities."""
    bounds = bounds_of(encoding.space)
    inequalities: list[Constraint] = []
    equalities: list[Constraint] = []
    for weights, lower, upper in zip(bounds.matrix, bounds.lower, bounds.upper, strict=True):
        used = np.flatnonzero(weights)
        columns = torch.tensor([int(np.flatnonzero(encoding.groups == index)[0]) for index in used])
        coefficients = torch.from_numpy(weights[used] * encoding.span[used])
        offset = float(weights[used] @ encoding.low[used])
        if lower == upper:
            equalities.append((columns, coefficients, float(lower) - offset))
            continue
        if np.isfinite(lower):
            inequalities.append((columns, coefficients, float(lower) - offset))
        if np.isfinite(upper):
            inequalities.append((columns, -coefficients, offset - float(upper)))
    return inequalities, equalities
