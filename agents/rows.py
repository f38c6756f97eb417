"""Points as rows of numbers, so that many can be drawn and checked at once.

A row has one number per parameter, in the parameter's own unit, or its natural logarithm where the scale is ``log``; a
category is its index.
"""

import math
from collections.abc import Mapping, Sequence
from typing import assert_never

import numpy as np

from agents.once import once_per_space
from orchestrator.domain.base import Point, Setting
from orchestrator.domain.space import (
    Categorical,
    Continuous,
    Integer,
    LinearConstraint,
    Ordinal,
    Parameter,
    Space,
    extent,
    is_logarithmic,
)

_SLACK = 0.5e-9
"""Half of what the space itself forgives, so that a row accepted here is accepted there."""

_DIGITS = 12
"""Of a number whose logarithm was taken, so that 0.1 is 0.1 again."""
_LEAST = 1e-3
"""Of a logarithmic parameter's lower limit: what a readback at 0 or below counts as."""

_MOST_COMBINATIONS = 250_000
"""Combinations of values that are looked through for those that satisfy the constraints."""
_MOST_LISTED = 4096
"""The largest number of points that is worth listing."""


def rows_of(space: Space, points: Sequence[Point]) -> np.ndarray:
    """Return points as numbers, shape (points, parameters)."""
    rows = [[_number(parameter, point[name]) for name, parameter in space.parameters.items()] for point in points]
    return np.array(rows, dtype=float).reshape(len(points), len(space.parameters))


def is_of(space: Space, point: Point) -> bool:
    """Return whether a point has this space's parameters and categories; an amendment may have changed them since."""
    return point.keys() == space.parameters.keys() and all(
        point[name] in parameter.values if isinstance(parameter, Categorical) else not isinstance(point[name], str)
        for name, parameter in space.parameters.items()
    )


def point_of(space: Space, row: np.ndarray) -> Point:
    """Return the nearest allowed point to a row of shape (parameters,), with the Python types the space asks for."""
    if space.candidates is not None and (members := _logarithmic_members(space)):
        member = members.get(tuple(row.tolist()))
        if member is not None:
            return member
    return {name: nearest(parameter, float(number)) for (name, parameter), number in zip(space.parameters.items(), row, strict=True)}


@once_per_space
def _logarithmic_members(space: Space) -> Mapping[tuple[float, ...], Point]:
    """Return a pool's members by row, where a logarithm may have cost digits; empty elsewhere."""
    members = space.candidates or ()
    if not any(map(is_logarithmic, space.parameters.values())):
        return {}
    return dict(zip(map(tuple, rows_of(space, members).tolist()), members, strict=True))


def with_proper_types(space: Space, point: Mapping[str, Setting]) -> Point:
    """Return an allowed point with the Python types the space asks for, for example 5 where 5.0 was written."""
    return point_of(space, rows_of(space, [point])[0])


def from_unit(space: Space, unit: np.ndarray) -> np.ndarray:
    """Spread numbers in [0, 1), shape (points, parameters), evenly over every parameter's values."""
    columns = [_spread(parameter, unit[:, index]) for index, parameter in enumerate(space.parameters.values())]
    return np.column_stack(columns)


def satisfies(space: Space, rows: np.ndarray) -> np.ndarray:
    """Return which rows satisfy all linear constraints, shape (points,), boolean."""
    allowed = np.ones(len(rows), dtype=bool)
    for constraint in space.constraints:
        weights, lower, upper = constraint_on_rows(space, constraint)
        terms = rows * weights
        total = terms.sum(axis=1)
        slack = _SLACK * np.maximum(1.0, np.abs(terms).max(axis=1))
        allowed &= (total >= lower - slack) & (total <= upper + slack)
    return allowed


def constraint_on_rows(space: Space, constraint: LinearConstraint) -> tuple[np.ndarray, float, float]:
    """Return a constraint's weight for every number of a row, shape (parameters,), and its bounds, infinite where it has none."""
    lower = -np.inf if constraint.lower is None else constraint.lower
    upper = np.inf if constraint.upper is None else constraint.upper
    [name, *others] = constraint.weights
    if others or not is_logarithmic(space.parameters[name]):
        return np.array([constraint.weights.get(name, 0.0) for name in space.names]), lower, upper
    ends = sorted((lower / constraint.weights[name], upper / constraint.weights[name]))
    low, high = (float(np.log(end)) if end > 0 else -np.inf for end in ends)
    return np.array([float(each == name) for each in space.names]), low, high


def choices(parameter: Parameter) -> np.ndarray | None:
    """Return the numbers a discrete parameter can take, ascending; None when it is continuous."""
    match parameter:
        case Continuous():
            return None
        case Integer():
            return np.arange(parameter.limits[0], parameter.limits[1] + 1, dtype=float)
        case Ordinal():
            return np.array(parameter.values, dtype=float)
        case Categorical():
            return np.arange(len(parameter.values), dtype=float)
        case _:
            assert_never(parameter)


def n_choices(parameter: Parameter) -> float:
    """Return how many values a parameter can take; infinity when it is continuous."""
    match parameter:
        case Continuous():
            return np.inf
        case Integer():
            return parameter.limits[1] - parameter.limits[0] + 1
        case Ordinal() | Categorical():
            return len(parameter.values)
        case _:
            assert_never(parameter)


def n_points(space: Space) -> float:
    """Return how many points the parameters allow, constraints aside; infinity when one is continuous."""
    return math.prod(float(n_choices(parameter)) for parameter in space.parameters.values())


def listed_rows(space: Space) -> np.ndarray | None:
    """Return every row of a small finite space that satisfies its constraints; None if there are too many."""
    if n_points(space) > _MOST_COMBINATIONS:
        return None
    axes = [numbers for parameter in space.parameters.values() if (numbers := choices(parameter)) is not None]
    rows = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))
    rows = rows[satisfies(space, rows)]
    return rows if len(rows) <= _MOST_LISTED else None


def limits_of(parameter: Parameter) -> tuple[float, float]:
    """Return the lowest and the highest number that rows have of a parameter; 0 and 1 of a category."""
    if isinstance(parameter, Categorical):
        return 0.0, 1.0
    low, high = extent(parameter)
    return (math.log(low), math.log(high)) if is_logarithmic(parameter) else (float(low), float(high))


def nearest(parameter: Parameter, number: float) -> Setting:
    """Return the parameter's value nearest to a row's number."""
    match parameter:
        case Continuous():
            number = float(f"{math.exp(min(number, 700.0)):.{_DIGITS}g}") if is_logarithmic(parameter) else number
            return float(min(max(number, parameter.limits[0]), parameter.limits[1]))
        case Integer():
            return int(min(max(round(number), parameter.limits[0]), parameter.limits[1]))
        case Ordinal():
            return min(parameter.values, key=lambda value: abs(value - number))
        case Categorical():
            return parameter.values[int(min(max(round(number), 0), len(parameter.values) - 1))]
        case _:
            assert_never(parameter)


def _number(parameter: Parameter, setting: Setting) -> float:
    if isinstance(parameter, Categorical):
        return float(parameter.values.index(str(setting)))
    return math.log(max(float(setting), _LEAST * extent(parameter)[0])) if is_logarithmic(parameter) else float(setting)


def _spread(parameter: Parameter, unit: np.ndarray) -> np.ndarray:
    match parameter:
        case Continuous():
            low, high = limits_of(parameter)
            return np.clip(low + unit * (high - low), low, high)
        case Integer():
            low, high = parameter.limits
            return np.minimum(low + np.floor(unit * (high - low + 1)), high)
        case Ordinal() | Categorical():
            index = np.minimum((unit * len(parameter.values)).astype(int), len(parameter.values) - 1)
            return index.astype(float) if isinstance(parameter, Categorical) else np.array(parameter.values, dtype=float)[index]
        case _:
            assert_never(parameter)


def snapped(space: Space, rows: np.ndarray) -> np.ndarray:
    """Return the nearest allowed row to each of several, shape (points, parameters), constraints aside."""
    columns = [_snapped_column(parameter, rows[:, index]) for index, parameter in enumerate(space.parameters.values())]
    return np.column_stack(columns)


def _snapped_column(parameter: Parameter, numbers: np.ndarray) -> np.ndarray:
    match parameter:
        case Continuous():
            return np.clip(numbers, *limits_of(parameter))
        case Integer():
            return np.clip(np.round(numbers), *parameter.limits)
        case Ordinal():
            values = np.array(parameter.values, dtype=float)
            return values[np.abs(numbers[:, None] - values).argmin(axis=1)]
        case Categorical():
            return np.clip(np.round(numbers), 0, len(parameter.values) - 1)
        case _:
            assert_never(parameter)
