"""Drawing points that satisfy the constraints."""

import numpy as np

from agents.polytope import draw_inside
from agents.rows import from_unit, satisfies
from orchestrator.domain.space import Space

_N_TRIES = 4096
"""Draws from the whole box before the constrained region counts as thin."""


def draw(space: Space, rng: np.random.Generator, n: int) -> np.ndarray:
    """Return n rows that satisfy the constraints, shape (n, parameters), spread evenly over the region.

    Raises:
        AgentError: If no point satisfies the constraints.
    """
    n_parameters = len(space.parameters)
    if not space.constraints:
        return from_unit(space, rng.random((n, n_parameters)))
    rows = from_unit(space, rng.random((max(_N_TRIES, 2 * n), n_parameters)))
    rows = rows[satisfies(space, rows)]
    return rows[:n] if len(rows) >= n else draw_inside(space, rng, n)
