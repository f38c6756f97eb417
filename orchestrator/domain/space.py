"""What may be set: parameters with limits and units, linear constraints, or a pool of candidates."""

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, assert_never, cast

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from orchestrator.domain.base import Point, Setting, Value

_ROUNDING = 1e-9
"""Relative slack for limits and constraints: a sum of decimals such as 0.1 + 0.2 may miss its bound by rounding."""


class Continuous(Value):
    """A real number between two limits."""

    type: Literal["continuous"] = "continuous"
    limits: tuple[float, float]
    unit: str = ""
    tolerance: float | None = Field(default=None, gt=0)
    """How far the readback may lie from the setpoint, in the parameter's unit."""
    scale: Literal["linear", "log"] = "linear"
    """What a step is: as far in its unit everywhere, or as many times as much. ``log`` suits what spans decades, such as a flow."""

    @model_validator(mode="after")
    def _limits_ascend(self) -> "Continuous":
        _require_ascending(self.limits, self.unit)
        if self.scale == "log" and self.limits[0] <= 0:
            raise ValueError(f"limits [{self.limits[0]:g}, {self.limits[1]:g}] reach 0 or below, which has no logarithm; begin above 0")
        return self


class Integer(Value):
    """A whole number between two limits, both included."""

    type: Literal["integer"]
    limits: tuple[int, int]
    unit: str = ""
    tolerance: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _limits_ascend(self) -> "Integer":
        _require_ascending(self.limits, self.unit)
        return self


class Ordinal(Value):
    """One of several numbers, in ascending order."""

    type: Literal["ordinal"] = "ordinal"
    values: tuple[float | int, ...] = Field(min_length=1)
    unit: str = ""
    tolerance: float | None = Field(default=None, gt=0)

    @field_validator("values", mode="before")
    @classmethod
    def _values_are_numbers(cls, written: Any) -> Any:
        if isinstance(written, list | tuple) and any(isinstance(value, bool) for value in cast(Sequence[Any], written)):
            raise ValueError("true and false are no numbers; write names in quotes, such as 'on' and 'off', or 0 and 1")
        return cast(Any, written)

    @model_validator(mode="after")
    def _values_ascend(self) -> "Ordinal":
        if list(self.values) != sorted(set(self.values)):
            raise ValueError(f"values {list(self.values)} must ascend without repeats; sort them")
        return self


class Categorical(Value):
    """One of several names without an order."""

    type: Literal["categorical"] = "categorical"
    values: tuple[str, ...] = Field(min_length=1)
    unit: str = ""
    tolerance: None = None

    @model_validator(mode="after")
    def _values_differ(self) -> "Categorical":
        if len(set(self.values)) != len(self.values):
            raise ValueError(f"values {list(self.values)} repeat a name; remove the repeat")
        return self


def _require_ascending(limits: tuple[float, float], unit: str) -> None:
    low, high = limits
    if not low < high:
        raise ValueError(f"limits {f'[{low}, {high}] {unit}'.rstrip()} are reversed or empty; write [low, high] with low < high")


def _parameter_type(written: Any) -> str:
    """Tell the type when the file does not: limits mean continuous, numbers ordinal, names categorical."""
    if not isinstance(written, Mapping):
        return str(getattr(written, "type", "continuous"))
    body = cast(Mapping[str, Any], written)
    if "type" in body:
        return str(body["type"])
    values: Any = body.get("values")
    if not isinstance(values, list | tuple):
        return "continuous"
    return "categorical" if any(isinstance(value, str) for value in cast(Sequence[Any], values)) else "ordinal"


Parameter = Annotated[
    Annotated[Continuous, Tag("continuous")]
    | Annotated[Integer, Tag("integer")]
    | Annotated[Ordinal, Tag("ordinal")]
    | Annotated[Categorical, Tag("categorical")],
    Discriminator(_parameter_type),
]


class LinearConstraint(Value):
    """``lower <= sum(weight * parameter) <= upper`` over numeric parameters."""

    weights: Mapping[str, float] = Field(min_length=1)
    lower: float | None = None
    upper: float | None = None

    @model_validator(mode="after")
    def _bounds_something(self) -> "LinearConstraint":
        if self.lower is None and self.upper is None:
            raise ValueError(f"constraint on {', '.join(self.weights)} has neither lower nor upper; give at least one")
        if self.lower is not None and self.upper is not None and self.lower > self.upper:
            raise ValueError(f"constraint has lower {self.lower} above upper {self.upper}; swap them")
        return self

    def total(self, point: Point) -> float:
        return sum(weight * float(point[name]) for name, weight in self.weights.items())

    def problem(self, point: Point) -> str | None:
        total = self.total(point)
        slack = _ROUNDING * max(1.0, *(abs(weight * float(point[name])) for name, weight in self.weights.items()))
        if self.lower is not None and total < self.lower - slack:
            shown, lower = told_apart(total, self.lower)
            return f"{self} = {shown} is below {lower}"
        if self.upper is not None and total > self.upper + slack:
            shown, upper = told_apart(total, self.upper)
            return f"{self} = {shown} is above {upper}"
        return None

    def __str__(self) -> str:
        return " + ".join(name if weight == 1 else f"{weight:g}·{name}" for name, weight in self.weights.items())


class Space(Value):
    """Parameters, the constraints between them, and the pool when only known candidates can be measured."""

    parameters: Mapping[str, Parameter] = Field(min_length=1)
    constraints: tuple[LinearConstraint, ...] = ()
    candidates: tuple[Mapping[str, Setting], ...] | None = None

    @model_validator(mode="after")
    def _names_agree(self) -> "Space":
        for constraint in self.constraints:
            for name in constraint.weights:
                if name not in self.parameters:
                    raise ValueError(f"a constraint names {name!r}, which is no parameter; choose from {', '.join(self.parameters)}")
                if isinstance(self.parameters[name], Categorical):
                    raise ValueError(f"a constraint names {name!r}, which is categorical; constrain numbers only")
                if is_logarithmic(self.parameters[name]) and len(constraint.weights) > 1:
                    raise ValueError(f"a constraint adds {name!r}, whose scale is log, to others; write scale: linear, or limit it alone")
        if self.candidates is not None and not self.candidates:
            raise ValueError("the pool of candidates is empty; list at least one point")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.parameters)

    def problems(self, point: Point) -> tuple[str, ...]:
        """Return why the point may not be measured, one sentence each; empty when it may."""
        unknown, missing = set(point) - set(self.parameters), set(self.parameters) - set(point)
        if unknown or missing:
            said = (f"names {', '.join(sorted(unknown))}, which is no parameter",) if unknown else ()
            said += (f"leaves out {', '.join(sorted(missing))}",) if missing else ()
            return (f"the point {' and '.join(said)}; the space has {', '.join(sorted(self.parameters))}",)
        outside = tuple(problem for name, value in point.items() if (problem := problem_with(name, self.parameters[name], value)))
        if outside:
            return outside
        broken = tuple(problem for constraint in self.constraints if (problem := constraint.problem(point)))
        if broken:
            return broken
        if self.candidates is not None and not _is_among(point, self.candidates):
            return (f"{show_point(point)} is not one of the {len(self.candidates)} candidates; suggest a member of the pool",)
        return ()

    def contains(self, point: Point) -> bool:
        return not self.problems(point)

    def fixing(self, values: Mapping[str, Setting]) -> "Space":
        """Return the space with some parameters kept at one value each.

        Numbers are kept by a constraint, so that models keep their scale and learn from other values, too; a category is then the
        only one there is.
        """
        if not values:
            return self
        kept = {
            name: parameter.model_copy(update={"values": (values[name],)}) if isinstance(parameter, Categorical) else parameter
            for name, parameter in self.parameters.items()
            if name in values
        }
        equal = tuple(
            LinearConstraint(weights={name: 1.0}, lower=float(value), upper=float(value))
            for name, value in values.items()
            if not isinstance(value, str)
        )
        return Space(parameters={**self.parameters, **kept}, constraints=(*self.constraints, *equal), candidates=self.candidates)


def is_logarithmic(parameter: Parameter) -> bool:
    """Return whether agents look at a parameter's logarithm."""
    return isinstance(parameter, Continuous) and parameter.scale == "log"


def extent(parameter: Continuous | Integer | Ordinal) -> tuple[float, float]:
    """Return a numeric parameter's smallest and largest value, in its unit."""
    return (parameter.values[0], parameter.values[-1]) if isinstance(parameter, Ordinal) else parameter.limits


def problem_with(name: str, parameter: Parameter, value: Setting) -> str | None:
    """Return what is wrong with one parameter's value, or None."""
    match parameter:
        case Continuous() | Integer():
            return _problem_with_number(name, parameter, value)
        case Ordinal() if isinstance(value, str):
            return _problem_with_text(name, value)
        case Ordinal() | Categorical():
            if value in parameter.values:
                return None
            return f"{name} = {value!r} is not one of {list(parameter.values)} {parameter.unit}".rstrip()
        case _:
            assert_never(parameter)


def _problem_with_number(name: str, parameter: Continuous | Integer, value: Setting) -> str | None:
    if isinstance(value, str):
        return _problem_with_text(name, value)
    if not math.isfinite(value):
        return f"{name} = {value!r} is not a finite number"
    if isinstance(parameter, Integer) and value != int(value):
        return f"{name} = {told_apart(value, round(value))[0]} is not a whole number"
    low, high = parameter.limits
    slack = _ROUNDING * (high - low)
    if low - slack <= value <= high + slack:
        return None
    unit = f" {parameter.unit}" if parameter.unit else ""
    shown, low_shown, high_shown = told_apart(value, low, high)
    return f"{name} = {shown}{unit} is outside [{low_shown}, {high_shown}]{unit}; widen space.{name}.limits or choose a point inside"


def _problem_with_text(name: str, value: str) -> str:
    try:
        float(value)
    except ValueError:
        return f"{name} = {value!r} is a text, not a number; give a number"
    return f"{name} = {value!r} is a text, not a number; leave the quotes out, or convert what was read from a file: float({value!r})"


def told_apart(value: float, *others: float) -> tuple[str, ...]:
    """Return numbers as texts, the value's first, with as many digits from six as tell it from each of the others."""
    for digits in range(6, 17):
        shown, *rest = (f"{number:.{digits}g}" for number in (value, *others))
        if shown not in rest:
            return shown, *rest
    return tuple(f"{number:.17g}" for number in (value, *others))


def _is_among(point: Point, pool: tuple[Point, ...]) -> bool:
    """Return whether a pool has the point, literally (which is quickly seen) or but for rounding."""
    return point in pool or any(same_point(point, candidate) for candidate in pool)


def same_point(one: Point, other: Point) -> bool:
    """Return whether two points agree in every setting; numbers may differ by rounding."""
    return one.keys() == other.keys() and all(_same_setting(value, other[name]) for name, value in one.items())


def _same_setting(one: Setting, other: Setting) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return math.isclose(one, other, rel_tol=_ROUNDING, abs_tol=1e-12)


def show_point(point: Point) -> str:
    """Return a point as people read it: ``x = 1.25, filter = Al``."""
    return ", ".join(f"{name} = {value:.6g}" if isinstance(value, float) else f"{name} = {value}" for name, value in point.items())
