"""What the engine can decide to do next."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from orchestrator.domain.base import Point


@dataclass(frozen=True, slots=True)
class Begin:
    """Start a campaign that never ran."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask for the next suggestion."""

    role: Literal["agent", "fallback"]


@dataclass(frozen=True, slots=True)
class CarryOut:
    """Make a routine that is due a trial: a dark, a reference, a calibration, an alignment."""

    routine: str
    why: str


@dataclass(frozen=True, slots=True)
class Review:
    """Let the guardians answer a suggestion."""

    trial: int


@dataclass(frozen=True, slots=True)
class AwaitApproval:
    """Wait for a person to approve or veto a suggestion."""

    trial: int
    until: datetime | None


@dataclass(frozen=True, slots=True)
class ExpireApproval:
    """Nobody answered in time."""

    trial: int


@dataclass(frozen=True, slots=True)
class AwaitInterlocks:
    """Wait until every lost interlock holds again."""


@dataclass(frozen=True, slots=True)
class Measure:
    """Record the intent, then settle one attempt."""

    trial: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Resettle:
    """Find out what became of a start that an earlier runner recorded, and settle it."""

    trial: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Score:
    """Let the rewards judge an observation."""

    trial: int


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Drop a trial that can no longer be measured."""

    trial: int
    reason: str


@dataclass(frozen=True, slots=True)
class MoveAtEnd:
    """Carry out ``on_finish`` as a trial that nobody scores."""

    point: Point


@dataclass(frozen=True, slots=True)
class AwaitAnswers:
    """Everything is measured, or as many trials await their analysis as may; some analysis has not answered yet."""


@dataclass(frozen=True, slots=True)
class AwaitPerson:
    """Paused or held: wait for somebody to resume, stop or abort."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop suggesting until a person looks."""

    reason: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Something needs a person."""

    reason: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop, resumably."""

    reason: str


@dataclass(frozen=True, slots=True)
class Complete:
    """The campaign is over."""

    reason: str


@dataclass(frozen=True, slots=True)
class Leave:
    """Nothing is left to do for this runner."""


Wait = AwaitApproval | AwaitInterlocks | AwaitAnswers | AwaitPerson
"""Nothing is left to the engine until somebody or something else acts."""

Action = (
    Begin
    | Ask
    | CarryOut
    | Review
    | AwaitApproval
    | ExpireApproval
    | AwaitInterlocks
    | Measure
    | Resettle
    | Score
    | GiveUp
    | MoveAtEnd
    | AwaitAnswers
    | AwaitPerson
    | Pause
    | Hold
    | Stop
    | Complete
    | Leave
)
