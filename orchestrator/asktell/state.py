"""What a loop remembers."""

from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from orchestrator.domain.base import Point, Setting, Value
from orchestrator.domain.limits import Limit
from orchestrator.domain.records import Evidence
from orchestrator.domain.space import LinearConstraint, Parameter
from orchestrator.domain.spec import NAME, AgentPlugin, AgentRef

Goal = Literal["maximise", "minimise"]


class Best(NamedTuple):
    """The best measurement so far."""

    point: dict[str, Setting]
    """As it was asked for or told; where a readback was told, what was measured lies there."""
    value: float
    sd: float | None


class Outcome(NamedTuple):
    """What was told of a point: values and standard deviations by objective and limited signal."""

    point: dict[str, Setting]
    values: dict[str, float]
    sd: dict[str, float]


class Told(Value):
    """A point, who wanted it, and what it was worth."""

    point: Mapping[str, Setting]
    by: Literal["agent", "human"] = "agent"
    evidence: Evidence = Evidence()
    values: Mapping[str, float] | None = None
    """By objective and limited signal; None while nobody told. Without any objective's, the measurement failed."""
    sd: Mapping[str, float] = {}
    readback: Mapping[str, Setting] | None = None
    """Where it was measured, if that was told and is not quite the point; models learn there."""
    is_forgotten: bool = False
    """Asked for, and nobody will measure it: agents see nothing of it and may ask for it again."""

    @property
    def is_pending(self) -> bool:
        return self.values is None and not self.is_forgotten

    @property
    def place(self) -> Point:
        """Where it was measured, or is to be."""
        return self.point if self.readback is None else self.readback


class AskTellState(Value):
    """Everything there is to remember: the same state asks for the same point, in any process."""

    space: Mapping[Annotated[str, Field(pattern=NAME)], Parameter] = Field(min_length=1)
    constraints: tuple[LinearConstraint, ...] = ()
    candidates: tuple[Mapping[str, Setting], ...] | None = None
    objectives: Mapping[str, Goal] = Field(min_length=1)
    agent: AgentRef = AgentPlugin(type="bayesian")
    seed: int = Field(default=0, ge=0, lt=2**63)
    limits: Mapping[Annotated[str, Field(pattern=NAME)], Limit] = {}
    safe_start: tuple[Mapping[str, Setting], ...] = ()
    trials: tuple[Told, ...] = ()
