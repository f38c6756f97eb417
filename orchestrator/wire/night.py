"""How far a campaign over samples is, as clients read it."""

from orchestrator.domain.base import Value
from orchestrator.wire.standing import BestPoint, Standing


class PartShown(Value):
    """The sample and stage that runs this moment: a campaign of its own."""

    part: str
    """Its id."""
    sample: str
    stage: str
    standing: Standing
    agent: str
    objective: str
    unit: str
    best: BestPoint | None
    best_so_far: tuple[float, ...]
    """By scored trial, thinned to at most 60 values, for a small curve."""
    n_trials: int
    trials_limit: int | None


class NightShown(Value):
    """How far a campaign over samples is."""

    n_samples: int
    n_through: int
    """Samples that passed every stage."""
    n_skipped: int
    """Samples of which a stage failed, or that somebody skipped."""
    n_parts: int
    """Samples × stages that have begun or are to come."""
    n_ended: int
    n_failed: int
    sentence: str
    """The same in words."""
    part: PartShown | None = None
    """None between two parts."""
