"""Linear and integer programmes over a space: is there a point that satisfies the constraints, and which is nearest?"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.rows import constraint_on_rows, limits_of
from orchestrator.domain.errors import AgentError
from orchestrator.domain.space import Categorical, Continuous, Integer, Ordinal, Parameter, Space


@dataclass(frozen=True, slots=True)
class LinearBounds:
    """``lower <= matrix x <= upper``."""

    matrix: np.ndarray
    """Shape (constraints, unknowns)."""
    lower: np.ndarray
    upper: np.ndarray


def bounds_of(space: Space) -> LinearBounds:
    """Return the constraints on rows."""
    each = [constraint_on_rows(space, constraint) for constraint in space.constraints]
    return LinearBounds(
        matrix=np.array([weights for weights, _lower, _upper in each]).reshape(-1, len(space.parameters)),
        lower=np.array([lower for _weights, lower, _upper in each]),
        upper=np.array([upper for _weights, _lower, upper in each]),
    )


def solve(cost: np.ndarray, bounds: LinearBounds, *, highest: np.ndarray | None = None, is_whole: np.ndarray | None = None) -> np.ndarray:
    """Return the cheapest point between zero and ``highest`` (by default 1) that keeps the bounds.

    Raises:
        AgentError: If there is none.
    """
    from scipy import optimize

    highest = np.ones(len(cost)) if highest is None else highest
    box: Any = (np.zeros(len(cost)), highest)
    limits: Any = (bounds.matrix, bounds.lower, bounds.upper)
    answer = optimize.milp(cost, constraints=optimize.LinearConstraint(*limits), bounds=optimize.Bounds(*box), integrality=is_whole)
    if answer.x is None:
        raise AgentError("no point of the space satisfies all its constraints; loosen a constraint or widen a limit")
    return answer.x


def nearest_feasible(space: Space, target: np.ndarray) -> np.ndarray:
    """Return the row nearest to a target row that satisfies the constraints; categories stay as they are.

    Distance is the sum of moves, each as a share of its parameter's range.

    Raises:
        AgentError: If no row satisfies the constraints.
    """
    numeric = [index for index, parameter in enumerate(space.parameters.values()) if not isinstance(parameter, Categorical)]
    parameters = [list(space.parameters.values())[index] for index in numeric]
    parts = [_unknowns(parameter) for parameter in parameters]
    offset = np.array([_lowest(parameter) for parameter in parameters])
    steps = _blocks([part.steps[None, :] for part in parts])
    is_whole = np.concatenate([part.is_whole for part in parts])
    chosen_once = _blocks([part.steps[None, :] * 0 + 1 for part in parts])[[part.is_exclusive for part in parts]]
    spans = np.diag([part.span for part in parts])
    moves = np.zeros_like(spans)
    bounds = bounds_of(space)
    weights, unbounded = bounds.matrix[:, numeric], np.full(len(numeric), np.inf)
    wanted = target[numeric] - offset
    solution = solve(
        np.concatenate([np.zeros(len(is_whole)), np.ones(len(numeric))]),
        LinearBounds(
            matrix=np.block(
                [
                    [weights @ steps, weights @ moves],
                    [steps, -spans],
                    [steps, spans],
                    [chosen_once, np.zeros((len(chosen_once), len(numeric)))],
                ]
            ),
            lower=np.concatenate([bounds.lower - weights @ offset, -unbounded, wanted, np.ones(len(chosen_once))]),
            upper=np.concatenate([bounds.upper - weights @ offset, wanted, unbounded, np.ones(len(chosen_once))]),
        ),
        highest=np.concatenate([*(part.highest for part in parts), np.ones(len(numeric))]),
        is_whole=np.concatenate([is_whole, np.zeros(len(numeric))]),
    )[: len(is_whole)]
    feasible = target.copy()
    feasible[numeric] = offset + steps @ np.where(is_whole, np.round(solution), solution)
    return feasible


@dataclass(frozen=True, slots=True)
class _Unknowns:
    """One parameter as non-negative unknowns whose steps add up to its value above its lowest."""

    steps: np.ndarray
    highest: np.ndarray
    is_whole: np.ndarray
    span: float
    is_exclusive: bool = False
    """Whether exactly one unknown is 1 and the others 0."""


def _unknowns(parameter: Parameter) -> _Unknowns:
    one = np.ones(1)
    match parameter:
        case Continuous():
            low, high = limits_of(parameter)
            span = high - low
            return _Unknowns(steps=span * one, highest=one, is_whole=one < 1, span=span)
        case Integer():
            span = float(parameter.limits[1] - parameter.limits[0])
            return _Unknowns(steps=one, highest=span * one, is_whole=one > 0, span=span)
        case Ordinal():
            steps = np.array(parameter.values, dtype=float) - parameter.values[0]
            each = np.ones(len(steps))
            return _Unknowns(steps=steps, highest=each, is_whole=each > 0, span=float(steps[-1]) or 1.0, is_exclusive=True)
        case Categorical():
            raise ValueError("categories cannot be constrained")


def _lowest(parameter: Parameter) -> float:
    return limits_of(parameter)[0]


def _blocks(rows: list[np.ndarray]) -> np.ndarray:
    """Return a matrix with the given one-row blocks along its diagonal."""
    total = np.zeros((len(rows), sum(row.shape[1] for row in rows)))
    start = 0
    for index, row in enumerate(rows):
        total[index, start : start + row.shape[1]] = row
        start += row.shape[1]
    return total
