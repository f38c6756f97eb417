"""A campaign's state: what a fold over its ledger events makes it (folding.py). Nothing else is truth."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from orchestrator.domain.base import Point, Setting
from orchestrator.domain.instrument import InstrumentDescription
from orchestrator.domain.limits import Limits, broken_limits
from orchestrator.domain.parts import NO_PARTS, Parts
from orchestrator.domain.records import Evidence, Objective, ObjectiveScore, Observation, Score, TrialKind, Verdict
from orchestrator.domain.spec import CampaignSpec
from orchestrator.domain.upkeep import Upkeep


class Status(StrEnum):
    """Where a campaign is in its life."""

    CREATED = "created"
    RUNNING = "running"
    PAUSED = "paused"
    HELD = "held"
    STOPPED = "stopped"
    ABORTED = "aborted"
    COMPLETED = "completed"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        return self in (Status.ABORTED, Status.COMPLETED)


class TrialStatus(StrEnum):
    """Where a trial is in its life."""

    SUGGESTED = "suggested"
    WAITING = "waiting for approval"
    READY = "ready"
    STARTED = "started"
    MEASURED = "measured"
    DONE = "done"
    """Measured, and judged by nobody: darks, alignments, the last move."""
    AWAITING = "awaiting analysis"
    SCORED = "scored"
    VETOED = "vetoed"
    FAILED = "failed"

    @property
    def is_open(self) -> bool:
        """Whether the engine still has something to do for it before the next suggestion."""
        return self in (TrialStatus.SUGGESTED, TrialStatus.WAITING, TrialStatus.READY, TrialStatus.STARTED, TrialStatus.MEASURED)


@dataclass(frozen=True, slots=True)
class Trial:
    """One suggestion carried through its life."""

    number: int
    kind: TrialKind
    point: Point
    agent: str
    role: str
    based_on: int
    evidence: Evidence
    suggested_at: datetime
    status: TrialStatus = TrialStatus.SUGGESTED
    attempt: int = 0
    """The latest attempt that was started; 0 before the first."""
    n_rejected: int = 0
    """Readings rejected since the campaign was last resumed."""
    n_tries: int = 0
    """Attempts started since the campaign was last resumed."""
    n_broken: int = 0
    """Runs that broke off since the campaign was last resumed."""
    routine: str = ""
    """The entry of ``every`` that it carries out."""
    uses: Mapping[str, int] = field(default_factory=dict[str, int])
    """By routine: the trial whose dark, calibration or alignment the latest attempt uses."""
    verdicts: tuple[Verdict, ...] = ()
    """Those that did not simply allow; the ledger has all."""
    waiting_since: datetime | None = None
    observation: Observation | None = None
    awaiting_since: datetime | None = None
    """When the wait for its analysis began; kept afterwards."""
    known: Mapping[str, ObjectiveScore] = field(default_factory=dict[str, ObjectiveScore])
    """By objective: what is told of a trial whose analysis answers later."""
    score: Score | None = None
    note: str = ""
    """Why it was vetoed or failed."""

    @property
    def is_judged(self) -> bool:
        """Whether rewards judge it: those of agents and people, and references measured as these are."""
        return self.kind.is_scored or (self.kind is TrialKind.REFERENCE and bool(self.point))

    @property
    def is_pending(self) -> bool:
        return self.status.is_open or self.status is TrialStatus.AWAITING


@dataclass(frozen=True, slots=True)
class CampaignState:
    """Everything the engine decides from. Aggregates are kept so that one event costs the same at trial 10 and 10,000."""

    spec: CampaignSpec
    instrument: InstrumentDescription
    objectives: tuple[Objective, ...]
    """Filled by whoever knows the rewards; the fold keeps them."""
    seq: int = 0
    status: Status = Status.CREATED
    reason: str = ""
    """Why the status is what it is."""
    created_at: datetime | None = None
    started_at: datetime | None = None
    going_since: datetime | None = None
    """When it was started, or last gone on with: time in which nobody ran it is no analysis's delay."""
    ends_at: datetime | None = None
    updated_at: datetime | None = None
    start_positions: Point = field(default_factory=dict[str, Setting])
    last_positions: Mapping[str, Setting] | None = None
    """Where the last observation left the axes; None when that is not known, such as after a crash mid-motion."""
    trials: tuple[Trial, ...] = ()
    open_trial: int | None = None
    awaiting: frozenset[int] = frozenset()
    n_earlier: int = 0
    """Trials measured before the campaign: the first ones."""
    n_counted: int = 0
    """Agent and human trials that were started or still may be: what ``budget.trials`` limits."""
    n_scored: int = 0
    """Trials with a score that agents learn from, those measured before the campaign among them."""
    n_since_best: int = 0
    n_vetoed_in_a_row: int = 0
    exposure_s: float = 0.0
    dose: float = 0.0
    best: int | None = None
    """Number of the trial with the best first objective, of those that keep the limits."""
    lost_interlocks: frozenset[str] = frozenset()
    settling: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    """Of those lost: which hold again, and until when the site waits all the same."""
    fallback_next: bool = False
    upkeep: Upkeep = field(default_factory=Upkeep)
    """What is remembered of darks, references, calibrations and alignments."""
    parts: Parts = NO_PARTS
    """Of a campaign over samples, which has no trials of its own."""

    def trial(self, number: int) -> Trial:
        return self.trials[number - 1]

    @property
    def current(self) -> Trial | None:
        """The trial the engine is busy with."""
        return None if self.open_trial is None else self.trial(self.open_trial)

    @property
    def best_trial(self) -> Trial | None:
        return None if self.best is None else self.trial(self.best)

    @property
    def believing_trial(self) -> Trial | None:
        """The newest trial whose decision recorded which measured place its model believed best."""
        return next((trial for trial in reversed(self.trials) if trial.evidence.believed_best is not None), None)

    @property
    def is_waiting_for_approval(self) -> bool:
        current = self.current
        return current is not None and current.status is TrialStatus.WAITING

    @property
    def shown_status(self) -> Status:
        """The status people see: a campaign whose suggestion waits for a person is held."""
        return Status.HELD if self.status is Status.RUNNING and self.is_waiting_for_approval else self.status


def first_value(trial: Trial, objectives: tuple[Objective, ...]) -> float | None:
    """Return a scored trial's first objective, or None."""
    if trial.score is None or not objectives:
        return None
    scored = trial.score.objectives.get(objectives[0].name)
    return None if scored is None else scored.value


def keeps_limits(trial: Trial, limits: Limits) -> bool:
    """Return whether what was measured is known to keep every limit."""
    return not any(broken_limits(limits, trial.observation, trial.score))
