"""Campaigns: how they stand, what they spent, what was found."""

from collections.abc import Mapping
from typing import Any, Literal

from orchestrator.domain.base import Moment, Setting, Value
from orchestrator.domain.parts import PartOf
from orchestrator.domain.records import Objective
from orchestrator.domain.spec import Budget
from orchestrator.wire.night import NightShown
from orchestrator.wire.orders import Action
from orchestrator.wire.samples import SampleShown
from orchestrator.wire.standing import BestPoint, Front, Standing
from orchestrator.wire.trials import Trial
from orchestrator.wire.waiting import AnalysisWait, WaitingApproval


class Spent(Value):
    """One budget."""

    name: Literal["trials", "exposure", "dose", "wall_time"]
    unit: str
    used: float
    limit: float | None = None


class ParameterShown(Value):
    """One parameter of the space, for forms and drawings."""

    name: str
    type: str
    unit: str = ""
    lower: float | None = None
    upper: float | None = None
    scale: str = "linear"
    """``log`` where agents look at the logarithm."""
    values: tuple[Setting, ...] = ()
    fixed: Setting | None = None
    device_lower: float | None = None
    device_upper: float | None = None


class Campaign(Value):
    """One line of the campaign list."""

    campaign: str
    name: str
    status: str
    reason: str = ""
    trials: int
    best_point: Mapping[str, Setting] | None = None
    best_score: float | None = None
    is_run: bool = False
    """Whether a living runner drives it."""
    created_at: Moment
    updated_at: Moment
    seq: int
    head: str


class Campaigns(Value):
    campaigns: tuple[Campaign, ...]
    next: str | None = None
    """Give it as ``cursor`` for the next page; None on the last one."""


class ReferenceShown(Value):
    """How a reference, the same point measured again and again, has changed."""

    routine: str
    quantity: str
    unit: str
    sentence: str
    drifts: bool
    """Whether it changes by more than chance would have it."""
    trials: tuple[int, ...]
    values: tuple[float, ...]
    sds: tuple[float | None, ...]


class CampaignStatus(Value):
    """Did it succeed, is it running, why not: everything in one call."""

    campaign: str
    name: str
    status: str
    succeeded: bool | None
    """None while that is open."""
    is_run: bool
    runner: str = ""
    """The process that drives it."""
    standing: Standing
    reason: str
    phase: str
    """What is being done this moment."""
    created_at: Moment | None
    started_at: Moment | None
    ends_at: Moment | None
    updated_at: Moment | None
    estimated_end: Moment | None = None
    now: Moment
    """The server's clock, so that ages are right on a phone whose clock is wrong."""
    objectives: tuple[Objective, ...]
    space: tuple[ParameterShown, ...]
    constraints: tuple[str, ...] = ()
    n_candidates: int | None = None
    n_trials: int
    n_scored: int
    best: BestPoint | None
    """By the first objective."""
    believed: str = ""
    """What the model believes of the best point, or which one it believes better; empty where none has seen it."""
    front: Front | None = None
    """Of several objectives; None with one."""
    spent: tuple[Spent, ...]
    budget: Budget | None = None
    """As it was written, for a form that changes it."""
    target: float | None = None
    """The first objective's value that ends the campaign."""
    dead_s: float | None = None
    """Median time between measurements in which Nightshift was waited for."""
    dead_p95_s: float | None = None
    """95 % of these times were at most this long."""
    n_recoveries: int = 0
    n_repeated: int = 0
    interlocks: Mapping[str, bool] = {}
    """Whether each holds, as the campaign last recorded."""
    waiting: WaitingApproval | None = None
    analysis: AnalysisWait | None = None
    """None while no trial awaits its analysis."""
    references: tuple[ReferenceShown, ...] = ()
    """Drift, as the references of ``every`` show it."""
    predictions: tuple[str, ...] = ()
    """How many of the latest measurements came as predicted, a sentence for each objective."""
    samples: tuple[SampleShown, ...] = ()
    """Of a campaign over samples."""
    night: NightShown | None = None
    """How far a campaign over samples is."""
    part_of: PartOf | None = None
    """Given where this is one sample in one stage of a campaign over samples."""
    documents: tuple[str, ...] = ()
    """What has not reached Tiled or Kafka, since when and why, a sentence each; empty while all is well."""
    current: Trial | None = None
    agent: str
    instrument: str
    instrument_id: str
    """Under ``/instruments``."""
    approval: str
    n_commands: int = 0
    """Commands in the inbox that the engine has not taken yet."""
    allowed: tuple[Action, ...] = ()
    """Actions that make sense in this state, for somebody with the role for them."""
    seq: int
    head: str


class LedgerEvents(Value):
    """Raw ledger events, every column that goes into the hash."""

    events: tuple[Mapping[str, Any], ...]
    next: int | None = None


class Bundled(Value):
    """Campaigns to start from."""

    campaigns: Mapping[str, str]
    """Text by name."""
