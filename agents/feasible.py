"""Drawing points that satisfy the constraints."""

import numpy as np

from agents.polytope import draw_inside
from agents.rows import from_unit, satisfies
from orchestrator.domain.space import Space

_BATCH = 4096
_MOST_BATCHES = 16
"""Batches drawn from the whole box before a constrained region counts as thin."""
_HOPELESS_BATCHES = 2
"""As many without a single feasible point are enough."""


def draw(space: Space, rng: np.random.Generator, n: int) -> np.ndarray:
    """Return n rows that satisfy the constraints, shape (n, parameters), spread evenly over the region.

    Raises:
        AgentError: If no point satisfies the constraints.
    """
    if not space.constraints:
        return from_unit(space, rng.random((n, len(space.parameters))))
    found = np.empty((0, len(space.parameters)))
    for batch in range(_MOST_BATCHES):
        rows = from_unit(space, rng.random((_BATCH, len(space.parameters))))
        found = np.vstack([found, rows[satisfies(space, rows)]])
        if len(found) >= n:
            return found[:n]
        if batch + 1 >= _HOPELESS_BATCHES and len(found) == 0:
            break
    return draw_inside(space, rng, n)
