"""What is done again and again besides measuring: darks, references, calibrations, alignments. Words only; pure data."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, WithJsonSchema, model_validator

from orchestrator.domain.base import Duration, Setting, Value
from orchestrator.domain.measuring import PLAN_NAME, PlanCall

NAME = r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$"

RoutineKind = Literal["alignment", "dark", "calibration", "reference"]
"""In the order in which those due at once are carried out: each may lean on those before it."""

ORDER: tuple[RoutineKind, ...] = ("alignment", "dark", "calibration", "reference")

Occasion = Literal["start", "sample", "beam-return", "pause"]
"""``start``: before the first trial. ``sample``: before the first trial on each sample, which without ``samples`` is the same.
``beam-return``: after the beam was lost and is back. ``pause``: after somebody paused, held or stopped the campaign and it goes on."""


def _one_or_several(written: Any) -> Any:
    return (written,) if isinstance(written, str) else written


_WORDS = {"enum": ["start", "sample", "beam-return", "pause"]}

Occasions = Annotated[
    tuple[Occasion, ...],
    BeforeValidator(_one_or_several),
    WithJsonSchema({"anyOf": [_WORDS, {"type": "array", "items": _WORDS}], "default": []}),
]


class Routine(Value):
    """Something to do every so many trials, every so many minutes, or after something happened; whichever comes first."""

    name: str | None = Field(default=None, pattern=NAME)
    """What tables and the ledger call it; default the plan's name, or the kind."""
    plan: str | None = Field(default=None, pattern=PLAN_NAME)
    """A plan that the instrument lets campaigns call. Without one, a reference measures ``at`` as any trial is measured."""
    args: Mapping[str, JsonValue] = {}
    """By the plan's own argument names; names of allowed devices stand for the devices."""
    kind: RoutineKind | None = None
    """What it is for; default as the plan's entry in the site file says."""
    trials: int | None = Field(default=None, ge=1)
    """After so many agent and human trials."""
    minutes: float | None = Field(default=None, gt=0)
    """After so many minutes; one that is overdue is carried out once."""
    after: Occasions = ()
    """``start``, ``sample``, ``beam-return`` or ``pause``, or a list of them."""
    at: Literal["best", "first"] | Mapping[str, Setting] | None = None
    """Where a reference is measured: a point; ``best``, the default, the best one when it is first due, kept from then on; ``first``,
    that of the first trial."""
    exposure: Duration | None = None
    """Seconds a detector counts; default ``measure.exposure``, of an alignment none. A dark's are not beam, and cost no exposure budget."""
    on_failure: Literal["go-on", "hold", "stop"] = "hold"
    """When it failed twice: go on with the last good one, hold for a person, or stop. Three such failures in a row hold anyway."""

    @model_validator(mode="after")
    def _is_ever_due(self) -> "Routine":
        if self.trials is None and self.minutes is None and not self.after:
            raise ValueError("nothing says when; give trials, minutes, or after: start, sample, beam-return or pause")
        return self

    @model_validator(mode="after")
    def _does_something(self) -> "Routine":
        if self.plan is None and self.kind != "reference":
            raise ValueError("names no plan; give the plan to call, or kind: reference to measure a point again")
        if self.plan is None and self.args:
            raise ValueError("args are a plan's; name the plan, or leave them out")
        if self.plan is not None and self.at is not None:
            raise ValueError("at is for a reference without a plan; give the plan's own arguments in args")
        return self

    @property
    def id(self) -> str:
        """What the ledger calls it."""
        return self.name or self.plan or str(self.kind)

    @property
    def call(self) -> PlanCall | None:
        """The plan's call; None for a reference that is measured like any trial."""
        return None if self.plan is None else PlanCall(name=self.plan, args=self.args)

    @property
    def place(self) -> "Literal['best', 'first'] | Mapping[str, Setting]":
        """Where a reference without a plan is measured."""
        return "best" if self.at is None else self.at


def named_once(routines: tuple[Routine, ...]) -> tuple[Routine, ...]:
    """Refuse two of one name. Raises ValueError."""
    seen: set[str] = set()
    for routine in routines:
        if routine.id in seen:
            raise ValueError(f"two entries are called {routine.id!r}; give each its own name: every: [{{name: …}}, …]")
        seen.add(routine.id)
    return routines


def _one_or_a_list(written: Any) -> Any:
    """Read ``every: {plan: …}`` for the ordinary case of one."""
    return [cast(dict[str, Any], written)] if isinstance(written, dict) else written


Routines = Annotated[tuple[Routine, ...], BeforeValidator(_one_or_a_list), AfterValidator(named_once)]
