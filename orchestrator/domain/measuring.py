"""How a trial is measured: by which call of a plan, and which signals are worked out from its readings. Pure data, never code."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, Field, JsonValue, model_validator

from orchestrator.domain.base import Setting, Value
from orchestrator.domain.operations import Dark, DeadTime, Fit, RoiSum

PLAN_NAME = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$"


class PlanCall(Value):
    """One call of a plan that the site allows.

    An argument such as ``$width`` is filled with the trial's value of that parameter; the name of a device that the site
    allows stands for the device. Anything else is passed on as written.
    """

    name: str = Field(pattern=PLAN_NAME)
    """A plan that the site file allows."""
    args: Mapping[str, JsonValue] = {}
    """By the plan's own argument names; a list where the plan takes any number of positional ones (``*args``)."""

    @property
    def parameters(self) -> frozenset[str]:
        """The parameters that fill arguments."""
        return frozenset(_parameters(dict(self.args)))

    def filled(self, point: Mapping[str, Setting]) -> dict[str, Any]:
        """Return the arguments for a point; devices are still names. KeyError if the point lacks a parameter."""
        return {name: _filled(value, point) for name, value in self.args.items()}


def _by_name(written: Any) -> Any:
    return {"name": written} if isinstance(written, str) else written


PlanRef = Annotated[PlanCall, BeforeValidator(_by_name)]


def parameter_in(value: Any) -> str | None:
    """Return the parameter that a text such as ``$width`` stands for; None for anything else."""
    return value[1:] if isinstance(value, str) and value.startswith("$") else None


def _parameters(value: Any) -> Iterator[str]:
    match value:
        case dict():
            for inner in cast(dict[str, Any], value).values():
                yield from _parameters(inner)
        case list():
            for inner in cast(list[Any], value):
                yield from _parameters(inner)
        case _:
            name = parameter_in(value)
            if name is not None:
                yield name


def _filled(value: Any, point: Mapping[str, Setting]) -> Any:
    match value:
        case dict():
            return {key: _filled(inner, point) for key, inner in cast(dict[str, Any], value).items()}
        case list():
            return [_filled(inner, point) for inner in cast(list[Any], value)]
        case _:
            name = parameter_in(value)
            return value if name is None else point[name]


class Reduced(Value):
    """One number, or a row of numbers, from a field that a run reads several times."""

    take: Literal["first", "last", "mean", "median", "min", "max", "sum", "array"]
    """``mean`` comes with its standard error; ``array`` keeps every reading, in order."""
    of: str = Field(min_length=1)
    """The data key, as documents name it, or another derived signal."""
    stream: str = "primary"
    """The run's stream to read."""
    unit: str | None = None
    """Default: that of what it is taken from; a ratio of equal units has none."""

    @property
    def kind(self) -> Literal["scalar", "spectrum"]:
        return "spectrum" if self.take == "array" else "scalar"

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.of,)


class Combined(Value):
    """One number from two signals of the same trial, or one reading by one where a run reads several times (then averaged)."""

    take: Literal["ratio", "difference"]
    """The first by the second, or the first less the second."""
    of: tuple[str, str]
    """``[numerator, denominator]``, or ``[signal, what is taken off]``: data keys or other derived signals."""
    band: tuple[float, float] | None = None
    """Where every reading of the second must lie, such as I0 during the exposure; outside, the trial is measured again."""
    stream: str = "primary"
    """The run's stream to read."""
    unit: str | None = None
    """Default: that of what it is taken from; a ratio of equal units has none."""

    @model_validator(mode="after")
    def _band_ascends(self) -> "Combined":
        if self.band is not None and not self.band[0] < self.band[1]:
            raise ValueError(f"band {list(self.band)} is reversed or empty; write [low, high] with low < high")
        if self.take == "ratio" and self.band is not None and self.band[0] <= 0.0 <= self.band[1]:
            raise ValueError(f"band {list(self.band)} of a denominator holds zero; leave zero out")
        return self

    @property
    def kind(self) -> Literal["scalar"]:
        return "scalar"

    @property
    def sources(self) -> tuple[str, ...]:
        return self.of


Derived = Annotated[Reduced | Combined | RoiSum | Fit | DeadTime | Dark, Field(discriminator="take")]
"""A signal worked out by a declared operation."""


def ring_of(derive: Mapping[str, Derived]) -> tuple[str, ...]:
    """Return derived signals that wait for one another, in order; empty where none do.

    An operation that names itself means the data key of that name.
    """

    def visit(name: str, path: tuple[str, ...]) -> tuple[str, ...]:
        if name in path:
            return (*path[path.index(name) :], name)
        inner = (source for source in derive[name].sources if source in derive and source != name)
        return next((found for source in inner if (found := visit(source, (*path, name)))), ())

    return next((found for name in derive if (found := visit(name, ()))), ())
