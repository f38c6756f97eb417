"""What can be made to go wrong, by trial number, so that a campaign meets it again in every replay of the night."""

from typing import Annotated, Literal

from pydantic import Field

from orchestrator.domain.base import Duration, Value

DumpPhase = Literal["thinking", "moving", "exposing", "inside"]


class _Fault(Value):
    trial: int = Field(ge=1)
    attempts: int = Field(default=1, ge=1)
    """It strikes the trial's first attempts, this many."""

    def strikes(self, trial: int, attempt: int) -> bool:
        return trial == self.trial and attempt <= self.attempts


class BeamDump(_Fault):
    """The ring loses its beam for a while.

    ``thinking``: after the trial's reading. ``moving``: from its first motion. ``exposing``: from the middle of its
    exposure. ``inside``: begins and ends within the exposure, so that looking before and after sees nothing.
    """

    type: Literal["beam-dump"] = "beam-dump"
    phase: DumpPhase = "inside"
    duration: Duration = 10.0
    """Simulated seconds; a dump inside an exposure lasts a fifth of the exposure instead."""
    delay: Duration = 2.0
    """Simulated seconds from the end of the reading to a dump in ``thinking``."""


class StuckMotor(_Fault):
    """A motor says it is done without having moved."""

    type: Literal["stuck-motor"] = "stuck-motor"
    axis: str


class Glitch(_Fault):
    """The flux reads as not a number, or absurdly high."""

    type: Literal["glitch"] = "glitch"
    value: Literal["nan", "huge"] = "nan"


class SlowDetector(_Fault):
    """The detector takes longer to answer; its shutter is closed meanwhile."""

    type: Literal["slow-detector"] = "slow-detector"
    seconds: Duration = 5.0


Fault = Annotated[BeamDump | StuckMotor | Glitch | SlowDetector, Field(discriminator="type")]
