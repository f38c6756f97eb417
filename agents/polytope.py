"""Points of a region bounded by linear constraints that is too thin to be hit by chance.

Continuous parameters are drawn by hit-and-run (Smith, Operations Research 32, 1296 (1984)). The directions are
differences of the region's corners, so that equalities and thin slabs need no special case. Discrete parameters are
set first, to the allowed values nearest to a random target.
"""

import numpy as np

from agents.programme import LinearBounds, bounds_of, nearest_feasible, solve
from agents.rows import from_unit, limits_of
from orchestrator.domain.space import Continuous, Space

_N_CHAINS = 16
"""How many different settings of the discrete parameters a large draw contains."""
_FLAT = 1e-9
"""A constraint whose value varies less than this over the region is an equality."""
_PARALLEL = 1e-14
"""A line whose height over a wall changes less than this per step never meets it."""
_N_STEPS_PER_PARAMETER = 20


def draw_inside(space: Space, rng: np.random.Generator, n: int) -> np.ndarray:
    """Return n rows that satisfy the constraints, shape (n, parameters).

    Raises:
        AgentError: If no point satisfies them.
    """
    n_chains = min(n, _N_CHAINS) if _constrains_discrete(space) else 1
    parts = [_draw_chain(space, rng, -(-n // n_chains)) for _ in range(n_chains)]
    return np.concatenate(parts)[:n]


def repair(space: Space, rows: np.ndarray) -> np.ndarray:
    """Move rows that miss a constraint by rounding back inside, changing continuous parameters only."""
    continuous = _continuous(space)
    if not space.constraints or not continuous.any():
        return rows
    low, span = _box(space)
    repaired = rows.copy()
    for index, row in enumerate(rows):
        unit = _pushed_inside((row[continuous] - low) / span, bounds_given(space, row))
        repaired[index, continuous] = low + span * unit
    return repaired


def _continuous(space: Space) -> np.ndarray:
    return np.array([isinstance(parameter, Continuous) for parameter in space.parameters.values()])


def _constrains_discrete(space: Space) -> bool:
    return any(not isinstance(space.parameters[name], Continuous) for constraint in space.constraints for name in constraint.weights)


def _box(space: Space) -> tuple[np.ndarray, np.ndarray]:
    """Return the continuous parameters' lower limits and spans."""
    limits = np.array([limits_of(parameter) for parameter in space.parameters.values() if isinstance(parameter, Continuous)])
    return limits[:, 0], limits[:, 1] - limits[:, 0]


def bounds_given(space: Space, row: np.ndarray) -> LinearBounds:
    """Return the constraints on the continuous parameters, scaled to [0, 1], once the discrete ones are set as in the row."""
    continuous = _continuous(space)
    bounds, (low, span) = bounds_of(space), _box(space)
    fixed = bounds.matrix[:, ~continuous] @ row[~continuous] + bounds.matrix[:, continuous] @ low
    return LinearBounds(bounds.matrix[:, continuous] * span, bounds.lower - fixed, bounds.upper - fixed)


def _draw_chain(space: Space, rng: np.random.Generator, n: int) -> np.ndarray:
    start = from_unit(space, rng.random((1, len(space.parameters))))[0]
    if _constrains_discrete(space):
        start = nearest_feasible(space, start)
    rows = np.tile(start, (n, 1))
    continuous = _continuous(space)
    if continuous.any():
        low, span = _box(space)
        rows[:, continuous] = low + span * _hit_and_run(bounds_given(space, start), rng, n)
    return _free_discrete_redrawn(space, rows, rng)


def _free_discrete_redrawn(space: Space, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw discrete parameters that no constraint names anew for every row."""
    constrained = {name for constraint in space.constraints for name in constraint.weights}
    is_free = [name not in constrained and not isinstance(parameter, Continuous) for name, parameter in space.parameters.items()]
    return np.where(is_free, from_unit(space, rng.random(rows.shape)), rows)


def _hit_and_run(bounds: LinearBounds, rng: np.random.Generator, n: int) -> np.ndarray:
    """Return n points of the unit box that keep the bounds, shape (n, continuous parameters): n walks side by side."""
    corners = _corners(bounds, rng)
    middle = corners.mean(axis=0)
    spread = corners - middle
    walls = _walls(bounds, spread)
    here = np.tile(middle, (n, 1))
    for _ in range(_N_STEPS_PER_PARAMETER * len(middle)):
        here = _step(here, rng.standard_normal((n, len(spread))) @ spread, walls, rng.random(n))
    return np.array([_pushed_inside(unit, bounds) for unit in here])


def _corners(bounds: LinearBounds, rng: np.random.Generator) -> np.ndarray:
    """Return corners in random directions and their opposites, shape (corners, continuous parameters)."""
    n = bounds.matrix.shape[1]
    directions = rng.standard_normal((n + 2, n))
    return np.array([solve(direction, bounds) for direction in np.vstack([directions, -directions])])


def _walls(bounds: LinearBounds, spread: np.ndarray) -> LinearBounds:
    """Return the box and the constraints that can stop a step; equalities cannot, because every direction keeps them."""
    n = spread.shape[1]
    can_stop = np.abs(bounds.matrix @ spread.T).max(axis=1) > _FLAT
    return LinearBounds(
        matrix=np.vstack([bounds.matrix[can_stop], np.eye(n)]),
        lower=np.concatenate([bounds.lower[can_stop], np.zeros(n)]),
        upper=np.concatenate([bounds.upper[can_stop], np.ones(n)]),
    )


def _step(here: np.ndarray, directions: np.ndarray, walls: LinearBounds, shares: np.ndarray) -> np.ndarray:
    """Return the points a share of the way along lines through ``here``, shape (walks, parameters), from wall to wall."""
    slopes, heights = directions @ walls.matrix.T, here @ walls.matrix.T
    slopes = np.where(np.abs(slopes) < _PARALLEL, np.nan, slopes)
    one, other = (walls.lower - heights) / slopes, (walls.upper - heights) / slopes
    first = np.fmax.reduce(np.fmin(one, other), axis=1)
    last = np.fmin.reduce(np.fmax(one, other), axis=1)
    distance = np.where(last > first, first + shares * (last - first), 0.0)
    return here + distance[:, None] * directions


def _pushed_inside(unit: np.ndarray, bounds: LinearBounds) -> np.ndarray:
    """Remove violations of rounding size by least squares, within the unit box."""
    for _ in range(5):
        value = bounds.matrix @ unit
        violation = np.clip(value, bounds.lower, bounds.upper) - value
        broken = violation != 0
        if not broken.any():
            break
        free = (unit > 0) & (unit < 1)
        push = np.linalg.lstsq(bounds.matrix[broken] * free, violation[broken], rcond=None)[0]
        unit = np.clip(unit + push * free, 0.0, 1.0)
    return unit
