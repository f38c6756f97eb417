"""Campaigns over samples, as clients read them."""

from typing import Literal

from orchestrator.domain.base import Value


class StageShown(Value):
    """One sample in one stage."""

    stage: str
    outcome: Literal["succeeded", "failed", "running", "not run", "to come"]
    part: str = ""
    """The id of the campaign that this sample in this stage is; empty where it never began."""
    trials: int = 0
    score: float | None = None
    """The best of the first objective."""
    point: str = ""
    """Where that was, as people read it."""
    reason: str = ""
    text: str = ""
    """The cell of a table."""


class BestOfSample(Value):
    """What the latest stage that was judged found best."""

    stage: str
    value: float
    name: str = ""
    """Of the signal; empty where the reward is more than one signal."""
    unit: str = ""


class SampleShown(Value):
    """One sample in all stages."""

    sample: str
    position: str = ""
    stages: tuple[StageShown, ...]
    why: str = ""
    """Why it is not through all stages; empty where it is, or may still be."""
    best: BestOfSample | None = None
