"""Which pending point a measurement answers: motors stop a hair beside where they were sent."""

import math
from collections.abc import Mapping
from typing import Any, cast

from orchestrator.asktell.given import example_of
from orchestrator.asktell.refusing import is_number
from orchestrator.asktell.state import AskTellState
from orchestrator.domain.base import Point
from orchestrator.domain.errors import BadInput
from orchestrator.domain.space import (
    Categorical,
    Continuous,
    Integer,
    Ordinal,
    Parameter,
    Space,
    extent,
    is_logarithmic,
    problem_with,
    same_point,
    told_apart,
)
from orchestrator.wording import show_value

_SHARE = 0.01
"""Of a parameter's range that counts as there, where it has no tolerance; what position-reached takes in a campaign."""


def answered(state: AskTellState, space: Space, point: Point) -> int | None:
    """Return the place in the history, from 0, of the pending point that this one answers, or None.

    That very point, else the nearest of those that differ in no parameter by more than its tolerance. Without one, a continuous
    parameter has a hundredth of its range (of its logarithm's where the scale is ``log``), and others have none.
    """
    pending = [(place, trial.point) for place, trial in enumerate(state.trials) if trial.is_pending]
    exact = next((place for place, asked in pending if same_point(asked, point)), None)
    if exact is not None:
        return exact
    apart, place = min(((_tolerances_apart(space, asked, point), place) for place, asked in pending), default=(math.inf, None))
    return place if apart <= 1.0 else None


def _tolerances_apart(space: Space, asked: Point, point: Mapping[str, Any]) -> float:
    """Return how far two points are apart, in tolerances of the parameter in which they are farthest apart."""
    if point.keys() != space.parameters.keys():
        return math.inf
    return max(_apart(parameter, asked[name], point[name]) for name, parameter in space.parameters.items())


def _apart(parameter: Parameter, asked: Any, value: Any) -> float:
    if asked == value:
        return 0.0
    is_exact = parameter.tolerance is None and not isinstance(parameter, Continuous)
    if is_exact or isinstance(parameter, Categorical) or not (is_number(value) and math.isfinite(value)):
        return math.inf
    return _in_tolerances(parameter, asked, value)


def _in_tolerances(parameter: Continuous | Integer | Ordinal, one: float, other: float) -> float:
    """Return how far two numbers are apart, in the parameter's tolerance, or in that share of its range."""
    low, high = extent(parameter)
    if parameter.tolerance is None and is_logarithmic(parameter):
        return abs(math.log(other / one)) / (_SHARE * math.log(high / low)) if other > 0 else math.inf
    tolerance = _SHARE * (high - low) if parameter.tolerance is None else parameter.tolerance
    return abs(other - one) / tolerance if tolerance > 0 else math.inf


def require_readback(space: Space, at: Any) -> None:
    """Raise BadInput if nothing can have been measured there."""
    if not isinstance(at, Mapping):
        raise BadInput(f"at = {show_value(at)} is no readback; name every parameter: {example_of(space.names)}")
    if problem := readback_problem(space, cast(Point, at)):
        raise BadInput(f"at: {problem}")


def readback_problem(space: Space, at: Point) -> str | None:
    """Return why nothing can have been measured there: other parameters, no number, or well outside the limits; None where it can."""
    if at.keys() != space.parameters.keys():
        return f"the readback is of {', '.join(at) or 'nothing'}; the space has {', '.join(space.parameters)}"
    found = (_problem_with_one(name, parameter, at[name]) for name, parameter in space.parameters.items())
    return next((problem for problem in found if problem), None)


def _problem_with_one(name: str, parameter: Parameter, value: Any) -> str | None:
    if isinstance(parameter, Categorical):
        return problem_with(name, parameter, value)
    if not (is_number(value) and math.isfinite(value)):
        return f"{name} = {value!r} is no finite number; give where it was measured"
    low, high = extent(parameter)
    nearest = min(max(value, low), high)
    if nearest == value or _in_tolerances(parameter, nearest, value) <= 1.0:
        return None
    shown, low_shown, high_shown = told_apart(value, low, high)
    unit = f" {parameter.unit}" if parameter.unit else ""
    return f"{name} = {shown}{unit} is well outside [{low_shown}, {high_shown}]{unit}; give the readback in the unit of the space"
