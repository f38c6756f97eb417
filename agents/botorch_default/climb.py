"""BoTorch's optimiser of acquisition functions on spaces of ours. Imports torch."""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from botorch.optim import optimize_acqf, optimize_acqf_mixed
from botorch.optim.initializers import initialize_q_batch
from torch import Tensor

from agents.encoding import Encoding
from agents.feasible import draw
from agents.programme import bounds_of
from agents.rows import choices, n_choices, point_of
from agents.terrain import Terrain
from orchestrator.domain.base import Point
from orchestrator.domain.space import Categorical, Continuous, Space

_MOST_COMBINATIONS = 16
"""Combinations of discrete values of which each is climbed. With more, numbers are relaxed and rounded afterwards, and so
many combinations of categories are drawn at random."""
_N_DRAWN = 1024

Constraint = tuple[Tensor, Tensor, float]
"""Columns, coefficients and what their sum is at least, or equals."""


def climbed(
    function: Any, encoding: Encoding, rng: np.random.Generator, *, num_restarts: int, raw_samples: int, options: Mapping[str, Any]
) -> Sequence[Point]:
    """Return the point with the highest acquisition as BoTorch finds it; empty if the constraints forbid what it found.

    Args:
        function: BoTorch's, of points of shape (points, 1, columns).
        encoding: Of the space.
        rng: Draws what BoTorch does not.
        num_restarts: As ``optimize_acqf`` takes it, like those that follow.
        raw_samples: As above.
        options: As above.
    """
    space = encoding.space
    terrain = Terrain(space)
    if terrain.is_category.all():
        rows = draw(space, rng, _N_DRAWN)
        values = function(torch.from_numpy(encoding.of_rows(rows)).unsqueeze(-2))
        return [point_of(space, rows[int(values.argmax())])]
    common: dict[str, Any] = {
        "bounds": torch.stack([torch.zeros(len(encoding.groups)), torch.ones(len(encoding.groups))]).double(),
        "q": 1,
        "num_restarts": num_restarts,
        "raw_samples": raw_samples,
        "options": dict(options),
        **_constraints(space, encoding),
        "ic_generator": _starts_inside(space, encoding, rng) if space.constraints else None,
    }
    fixed = _fixed(space, encoding, rng)
    best = optimize_acqf_mixed(function, fixed_features_list=fixed, **common) if fixed else optimize_acqf(function, **common)
    row = terrain.nearest(terrain.place_of(encoding.to_rows(best[0].numpy())[0]))
    return [] if row is None else [point_of(space, row)]


def _starts_inside(space: Space, encoding: Encoding, rng: np.random.Generator) -> Callable[..., Tensor]:
    """Return BoTorch's choice of starts with our own draw inside the constraints: its sampler takes seconds for every ask."""

    def starts(*, acq_function: Any, num_restarts: int, raw_samples: int, fixed_features: Any = None, **_: Any) -> Tensor:
        X = torch.from_numpy(encoding.of_rows(draw(space, rng, raw_samples))).unsqueeze(-2)
        for column, number in (fixed_features or {}).items():
            X[..., column] = number
        with torch.no_grad():
            return initialize_q_batch(X, acq_function(X), num_restarts)[0]

    return starts


def _fixed(space: Space, encoding: Encoding, rng: np.random.Generator) -> list[dict[int, float]]:
    """Return combinations of discrete values, each as column and number; empty where nothing is discrete."""
    constrained = {name for constraint in space.constraints for name in constraint.weights}
    free = {index: each for index, (name, each) in enumerate(space.parameters.items()) if name not in constrained}
    discrete = {index: each for index, each in free.items() if not isinstance(each, Continuous)}
    if math.prod(float(n_choices(each)) for each in discrete.values()) > _MOST_COMBINATIONS:
        discrete = {index: each for index, each in discrete.items() if isinstance(each, Categorical)}
    options = {index: np.asarray(choices(each)) for index, each in discrete.items()}
    return [_columns(encoding, dict(zip(options, combination, strict=True))) for combination in _combinations(options, rng)]


def _combinations(options: dict[int, np.ndarray], rng: np.random.Generator) -> list[tuple[float, ...]]:
    if not options:
        return []
    if math.prod(len(values) for values in options.values()) <= _MOST_COMBINATIONS:
        return list(itertools.product(*options.values()))
    return [tuple(rng.choice(values) for values in options.values()) for _ in range(_MOST_COMBINATIONS)]


def _columns(encoding: Encoding, values: dict[int, float]) -> dict[int, float]:
    """Return the columns that parameters' numbers fix in the unit cube."""
    row = encoding.low.copy()
    row[list(values)] = list(values.values())
    cube = encoding.of_rows(row[None, :])[0]
    return {int(column): float(cube[column]) for column in np.flatnonzero(np.isin(encoding.groups, list(values)))}


def _constraints(space: Space, encoding: Encoding) -> dict[str, Any]:
    """Return the constraints in the unit cube, as BoTorch's optimiser takes them."""
    bounds = bounds_of(space)
    scaled, offset = bounds.matrix * encoding.span, bounds.matrix @ encoding.low
    lower, upper = bounds.lower - offset, bounds.upper - offset
    equal = [_constraint(encoding, weights, low) for weights, low, high in zip(scaled, lower, upper, strict=True) if low == high]
    above = [_constraint(encoding, weights, low) for weights, low, high in zip(scaled, lower, upper, strict=True) if -np.inf < low < high]
    below = [_constraint(encoding, -weights, -high) for weights, low, high in zip(scaled, lower, upper, strict=True) if low < high < np.inf]
    return {"equality_constraints": equal or None, "inequality_constraints": above + below or None}


def _constraint(encoding: Encoding, weights: np.ndarray, least: float) -> Constraint:
    scale = np.abs(weights).max()
    used = np.flatnonzero(weights)
    columns = [int(np.flatnonzero(encoding.groups == index)[0]) for index in used]
    return torch.tensor(columns), torch.from_numpy(weights[used] / scale), float(least / scale)
