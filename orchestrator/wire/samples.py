"""What became of samples, as clients read it."""

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


class SampleShown(Value):
    """One sample in all stages."""

    sample: str
    position: str = ""
    stages: tuple[StageShown, ...]
    why: str = ""
    """Why it is not through all stages; empty where it is, or may still be."""
