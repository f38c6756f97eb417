"""One parameter as a campaign writes it, held against the axis it sets."""

from typing import assert_never

from orchestrator.domain.space import Categorical, Continuous, Integer, Ordinal, Parameter, extent
from orchestrator.preflight.problems import Locate
from orchestrator.wording import show_value

_ROUNDING = 1e-9
"""Relative slack: limits that were computed may miss the device's by rounding."""


def merged(written: Parameter, axis: Parameter) -> Parameter:
    """Return the parameter with the unit and tolerance of its axis where it has none of its own."""
    return written.model_copy(update={"unit": written.unit or axis.unit, "tolerance": written.tolerance or axis.tolerance})


def problem_with_parameter(name: str, written: Parameter, axis: Parameter, locate: Locate) -> str | None:
    """Return why an axis cannot be set as a parameter says, or None."""
    where = ("space", name)
    if written.unit and axis.unit and written.unit != axis.unit:
        return f"{locate((*where, 'unit'))} = {show_value(written.unit)}: {name} is set in {axis.unit}; convert its limits to {axis.unit}"
    if isinstance(written, Categorical) != isinstance(axis, Categorical):
        return f"{locate(where)} is {written.type}: {name} takes {shown_range(axis)}; write those"
    match axis:
        case Ordinal() | Categorical():
            return _not_among_choices(name, written, axis, locate)
        case Continuous() | Integer():
            return _beyond_limits(name, written, axis, locate)
        case _:
            assert_never(axis)


def shown_range(parameter: Parameter) -> str:
    """Return what a parameter may be, as people read it: ``numbers in [0, 25] mm``."""
    unit = f" {parameter.unit}" if parameter.unit else ""
    match parameter:
        case Continuous():
            return f"numbers in {_interval(parameter.limits)}{unit}"
        case Integer():
            return f"whole numbers in {_interval(parameter.limits)}{unit}"
        case Ordinal() | Categorical():
            return f"one of {show_value(list(parameter.values))}{unit}"
        case _:
            assert_never(parameter)


def _interval(limits: tuple[float, float]) -> str:
    return f"[{limits[0]:.10g}, {limits[1]:.10g}]"


def _not_among_choices(name: str, written: Parameter, axis: Ordinal | Categorical, locate: Locate) -> str | None:
    if isinstance(written, Continuous):
        low, high = written.limits
        inside = [value for value in axis.values if not isinstance(value, str) and low <= value <= high]
        return f"{locate(('space', name))} is continuous: {name} takes {shown_range(axis)}; write values: {show_value(inside)}"
    chosen = range(written.limits[0], written.limits[1] + 1) if isinstance(written, Integer) else written.values
    unknown = next((value for value in chosen if value not in axis.values), None)
    if unknown is None:
        return None
    key = "limits" if isinstance(written, Integer) else "values"
    return f"{locate(('space', name, key))} has {unknown!r}: {name} takes {shown_range(axis)}; choose from those"


def _beyond_limits(name: str, written: Parameter, axis: Continuous | Integer, locate: Locate) -> str | None:
    if isinstance(written, Categorical):  # told apart by the caller already
        return None
    if isinstance(axis, Integer) and not _is_whole(written):
        return f"{locate(('space', name))} is {written.type}: {name} takes {shown_range(axis)}; write type: integer"
    low, high = extent(written)
    slack = _ROUNDING * (axis.limits[1] - axis.limits[0])
    if axis.limits[0] - slack <= low and high <= axis.limits[1] + slack:
        return None
    key, unit = ("values" if isinstance(written, Ordinal) else "limits"), f" {axis.unit}" if axis.unit else ""
    return (
        f"{locate(('space', name, key))} = {_interval((low, high))}{unit}: beyond {name}'s own limits {_interval(axis.limits)}{unit}; "
        "stay within them"
    )


def _is_whole(written: Continuous | Integer | Ordinal) -> bool:
    match written:
        case Integer():
            return True
        case Ordinal():
            return all(float(value).is_integer() for value in written.values)
        case Continuous():
            return False
        case _:
            assert_never(written)
