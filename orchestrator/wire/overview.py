"""Several campaigns at a glance, and side by side."""

from orchestrator.domain.base import Moment, Value
from orchestrator.wire.night import NightShown
from orchestrator.wire.standing import BestPoint, Standing


class Compared(Value):
    """Several campaigns side by side."""

    campaigns: tuple["ComparedCampaign", ...]


class ComparedCampaign(Value):
    campaign: str
    name: str
    status: str
    agent: str
    seed: int
    objective: str
    goal: str
    unit: str
    n_scored: int
    best: BestPoint | None
    best_so_far: tuple[float, ...]
    """By scored trial."""
    wall_s: float
    exposure_s: float
    dead_s: float | None


class FleetCampaign(Value):
    """A campaign on the start page."""

    campaign: str
    name: str
    instrument: str
    instrument_id: str
    standing: Standing
    status: str
    n_trials: int
    trials_limit: int | None
    best: BestPoint | None
    objective: str = ""
    unit: str = ""
    waiting: bool = False
    updated_at: Moment | None
    estimated_end: Moment | None = None
    best_so_far: tuple[float, ...] = ()
    """Thinned to at most 60 values, for a small curve."""
    night: NightShown | None = None
    """How far a campaign over samples is."""


class Fleet(Value):
    """Everything at a glance, worst first."""

    now: Moment
    campaigns: tuple[FleetCampaign, ...]
    n_waiting: int
    n_finished: int
    """Finished campaigns that are not listed here."""
