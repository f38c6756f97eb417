"""Whether any point satisfies every linear constraint: a mixed-integer feasibility problem, solved once."""
# pyright: standard
# (SciPy tells too little of its types for strict.)

from collections.abc import Iterator, Mapping, Sequence
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from orchestrator.domain.space import Categorical, Continuous, Integer, LinearConstraint, Ordinal, Parameter, extent

if TYPE_CHECKING:
    from scipy.optimize import Bounds

_INFEASIBLE = 2
"""scipy.optimize.milp's status for a problem that no point solves."""
_SECONDS = 10.0
"""A problem not shown infeasible by then is let pass: the agent's own sampler still refuses."""


def contradiction(parameters: Mapping[str, Parameter], constraints: Sequence[LinearConstraint]) -> tuple[int | None, str] | None:
    """Return what no point can satisfy, or None.

    Returns:
        The position of the constraint that cannot hold by itself, or None when only all together cannot, and a sentence.
    """
    for index, constraint in enumerate(constraints):
        if reason := _alone(parameters, constraint):
            return index, reason
    if len(constraints) > 0 and _is_infeasible(parameters, constraints):
        return None, f"no point satisfies all {len(constraints)} constraints at once; widen one of them or the limits in space"
    return None


def _alone(parameters: Mapping[str, Parameter], constraint: LinearConstraint) -> str | None:
    ends = [sorted(weight * end for end in extent(_numeric(parameters[name]))) for name, weight in constraint.weights.items()]
    least, most = sum(low for low, _ in ends), sum(high for _, high in ends)
    slack = 1e-9 * max(1.0, *(abs(end) for pair in ends for end in pair))
    if constraint.lower is not None and most < constraint.lower - slack:
        return f"{constraint} reaches at most {most:g} within the limits, below lower = {constraint.lower:g}; lower it or widen the limits"
    if constraint.upper is not None and least > constraint.upper + slack:
        return f"{constraint} is at least {least:g} within the limits, above upper = {constraint.upper:g}; raise it or widen the limits"
    return None


def _is_infeasible(parameters: Mapping[str, Parameter], constraints: Sequence[LinearConstraint]) -> bool:
    """Solve for any point; an ordinal parameter is a choice of exactly one of its values."""
    from scipy.optimize import LinearConstraint as Rows
    from scipy.optimize import milp

    names = tuple(dict.fromkeys(name for constraint in constraints for name in constraint.weights))
    columns = tuple(column for name in names for column in _columns(name, _numeric(parameters[name])))
    rows = np.array([[constraint.weights.get(column.name, 0.0) * column.value for column in columns] for constraint in constraints])
    choices = np.array([[float(column.name == name) for column in columns] for name in names if isinstance(parameters[name], Ordinal)])
    lower = np.array([-inf if each.lower is None else each.lower for each in constraints])
    upper = np.array([inf if each.upper is None else each.upper for each in constraints])
    limits = [Rows(rows, lower, upper)]  # pyright: ignore[reportArgumentType]  (SciPy's annotations know single numbers only)
    if choices.size:
        limits.append(Rows(choices, 1.0, 1.0))
    answer = milp(
        np.zeros(len(columns)),
        integrality=np.array([column.is_whole for column in columns], dtype=int),
        bounds=_bounds(columns),
        constraints=limits,
        options={"time_limit": _SECONDS},
    )
    return answer.status == _INFEASIBLE


def _bounds(columns: "Sequence[_Column]") -> "Bounds":
    from scipy.optimize import Bounds

    low, high = np.array([column.low for column in columns]), np.array([column.high for column in columns])
    return Bounds(low, high)  # pyright: ignore[reportArgumentType]  (SciPy's annotations know single numbers only)


class _Column:
    """One variable: a number itself, or whether an ordinal parameter takes one of its values."""

    def __init__(self, name: str, low: float, high: float, *, is_whole: bool, value: float = 1.0) -> None:
        self.name, self.low, self.high, self.is_whole, self.value = name, low, high, is_whole, value


def _columns(name: str, parameter: Continuous | Integer | Ordinal) -> Iterator[_Column]:
    if isinstance(parameter, Ordinal):
        yield from (_Column(name, 0.0, 1.0, is_whole=True, value=float(value)) for value in parameter.values)
    else:
        low, high = parameter.limits
        yield _Column(name, low, high, is_whole=isinstance(parameter, Integer))


def _numeric(parameter: Parameter) -> Continuous | Integer | Ordinal:
    if isinstance(parameter, Categorical):
        raise ValueError("a categorical parameter has no numbers to constrain")
    return parameter
