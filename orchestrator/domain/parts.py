"""How far a campaign over samples is: its own ledger events, and the fold over them.

A part is one sample in one stage: a campaign with a stream of its own. What is told here of a part is what the whole needs to go on;
everything else is in the part's stream.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from pydantic import Field

from orchestrator.domain.base import Point, Setting, Value

_JOIN = "~"
"""No name holds it, so that the id of a part tells whose part it is."""


class PartOf(Value):
    """Where a campaign belongs that is one sample in one stage."""

    campaign: str
    """The campaign over samples."""
    sample: str
    stage: str


class StageStarted(Value):
    """One sample begins a stage. Written before the part's own stream begins."""

    type: Literal["stage-started"] = "stage-started"
    sample: str
    stage: str
    part: str
    """The id of the part: a campaign of its own."""


class StageEnded(Value):
    """One sample is through with a stage, for better or worse."""

    type: Literal["stage-ended"] = "stage-ended"
    sample: str
    stage: str
    outcome: Literal["succeeded", "failed"]
    reason: str = ""
    """Why it ended, or what failed."""
    trials: int = Field(default=0, ge=0)
    """Agent and human trials of the part."""
    exposure_s: float = Field(default=0.0, ge=0)
    """Shutter-open seconds of the part."""
    dose: float = Field(default=0.0, ge=0)
    best_point: Mapping[str, Setting] | None = None
    """The part's best point: where later stages have their origin."""
    best_score: float | None = None
    """The first objective there."""
    head: str = ""
    """Hash of the part's last ledger event: this stream vouches for that one, too. Empty where the part could not begin."""


class SampleSkipped(Value):
    """The rest of a sample's stages is not run, but for those that always are."""

    type: Literal["sample-skipped"] = "sample-skipped"
    sample: str
    reason: str


PartEvent = StageStarted | StageEnded | SampleSkipped


@dataclass(frozen=True, slots=True)
class Part:
    """One sample in one stage."""

    id: str
    sample: str
    stage: str
    started_at: datetime
    outcome: Literal["running", "succeeded", "failed"] = "running"
    reason: str = ""
    trials: int = 0
    best_point: Point | None = None
    best_score: float | None = None
    ended_at: datetime | None = None
    head: str = ""
    is_accepted: bool = False
    """Whether a person went on although it failed."""

    @property
    def is_passed(self) -> bool:
        """Whether what requires it may be run."""
        return self.outcome == "succeeded" or self.is_accepted


@dataclass(frozen=True, slots=True)
class Parts:
    """Every part that has begun, and every sample that was left."""

    by_place: Mapping[tuple[str, str], Part] = field(default_factory=dict[tuple[str, str], Part])
    """By sample and stage, in the order they began."""
    skipped: Mapping[str, str] = field(default_factory=dict[str, str])
    """Why, by sample."""

    @property
    def running(self) -> Part | None:
        """The part that has begun and not ended; there is at most one."""
        return next((part for part in self.by_place.values() if part.outcome == "running"), None)

    def at(self, sample: str, stage: str) -> Part | None:
        return self.by_place.get((sample, stage))

    def is_through(self, sample: str, stages: Iterable[str]) -> bool:
        """Return whether a sample has passed every stage."""
        return all((part := self.at(sample, stage)) is not None and part.is_passed for stage in stages)

    def best_points(self, sample: str) -> Mapping[str, Point]:
        """Return where a sample's ended stages were best, by stage."""
        mine = (part for part in self.by_place.values() if part.sample == sample)
        return {part.stage: part.best_point for part in mine if part.best_point is not None}


NO_PARTS = Parts()


def part_id(campaign: str, sample: str, stage: str) -> str:
    """Return the id of a part: always the same, so that a part is never begun twice."""
    return _JOIN.join((campaign, sample, stage))


def whole_of(campaign: str) -> str:
    """Return the id of the campaign over samples that a part belongs to; any other campaign's own id."""
    return campaign.partition(_JOIN)[0]


def is_part(campaign: str) -> bool:
    return _JOIN in campaign


def evolve_parts(parts: Parts, data: PartEvent, at: datetime) -> Parts:
    """Return the parts after one more event."""
    match data:
        case StageStarted(sample=sample, stage=stage, part=id):
            return _with(parts, Part(id, sample, stage, started_at=at))
        case StageEnded():
            return _with(parts, _ended(parts.by_place[data.sample, data.stage], data, at))
        case SampleSkipped(sample=sample, reason=reason):
            return replace(parts, skipped={**parts.skipped, sample: reason})


def accept_failures(parts: Parts) -> Parts:
    """Return the parts after a person went on: what failed, of samples that were not left, holds nothing up any more."""
    accepted = {
        place: replace(part, is_accepted=True) if part.outcome == "failed" and part.sample not in parts.skipped else part
        for place, part in parts.by_place.items()
    }
    return replace(parts, by_place=accepted)


def _with(parts: Parts, part: Part) -> Parts:
    return replace(parts, by_place={**parts.by_place, (part.sample, part.stage): part})


def _ended(part: Part, data: StageEnded, at: datetime) -> Part:
    return replace(
        part,
        outcome=data.outcome,
        reason=data.reason,
        trials=data.trials,
        best_point=data.best_point,
        best_score=data.best_score,
        ended_at=at,
        head=data.head,
    )
