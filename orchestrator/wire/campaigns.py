"""Campaigns: how they stand, what they spent, what was found."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, JsonValue, StrictBool, model_validator

from orchestrator.domain.analysis import AnalysisAnswer
from orchestrator.domain.base import Moment, Setting, Value
from orchestrator.domain.changes import Change
from orchestrator.domain.parts import PartOf
from orchestrator.domain.records import Objective, ObjectiveScore, Verdict
from orchestrator.domain.spec import Budget
from orchestrator.wire.night import NightShown
from orchestrator.wire.samples import SampleShown
from orchestrator.wire.standing import BestPoint, Front, Standing
from orchestrator.wire.trials import Trial

Action = Literal[
    "start", "pause", "resume", "stop", "abort", "safe-stop", "approve", "veto", "edit", "suggest", "amend", "note", "score", "skip"
]


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


class WaitingApproval(Value):
    """A held suggestion in the approval inbox."""

    campaign: str
    name: str
    trial: int
    point: Mapping[str, Setting]
    units: Mapping[str, str] = {}
    agent: str
    why: str
    predicted: Mapping[str, str] = {}
    """By objective, as people read it: ``12.3 ± 0.4 nA``."""
    verdicts: tuple[Verdict, ...] = ()
    suggestion_hash: str
    since: Moment
    expires_at: Moment | None = None
    on_timeout: str = ""
    """What silence does: ``skip``, ``fallback`` or ``pause``; never approve."""
    is_ambiguous: bool = False
    """Whether the question is if an attempt of unknown fate may be repeated."""


class Approvals(Value):
    waiting: tuple[WaitingApproval, ...]


class AwaitedTrial(Value):
    """A trial that is measured and not yet scored, with all that an analysis needs to find its data and to answer."""

    trial: int
    attempt: int
    """Of its attempts, the one that counts."""
    run_uid: str
    """Of the Bluesky run that counts; send it back with the answer, and an answer about another run is refused."""
    scan_id: int | None = None
    point: Mapping[str, Setting]
    objectives: tuple[str, ...]
    """What has not been told yet."""
    since: Moment
    expires_at: Moment | None = None
    on_timeout: str = ""
    """What silence does: ``fail`` or ``hold``."""


class Awaited(Value):
    """The trials that wait for their analysis, in the order of measuring."""

    trials: tuple[AwaitedTrial, ...]
    most: int | None = None
    """So many may wait at once; then the instrument waits, too."""


class AnalysisWait(Value):
    """How much analysis is outstanding, at a glance."""

    n: int
    most: int | None = None
    trials: tuple[int, ...]
    """At most twenty, the first measured first."""
    since: Moment
    """When the longest wait began."""
    is_full: bool
    """Whether the instrument waits for it."""


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


class NewCampaign(Value, defer_build=False):
    """A campaign to create, and to start at once unless told otherwise."""

    spec: str = Field(min_length=1, max_length=256 * 1024)
    """The campaign file's text, YAML; or only a bundled campaign's name."""
    changes: Mapping[str, str] = Field(default={}, max_length=100)
    """As ``--set``: YAML values by dotted path."""
    seed: int | None = Field(default=None, ge=0, lt=2**63, strict=True)
    start: StrictBool = True


class CreatedCampaign(Value):
    campaign: str
    status: str
    answer: str


class CheckRequest(Value, defer_build=False):
    spec: str = Field(min_length=1, max_length=256 * 1024)
    changes: Mapping[str, str] = Field(default={}, max_length=100)
    connect: StrictBool = False


class CheckAnswer(Value):
    """What ``nightshift check`` says. Not valid: ``problems`` has a line each, with line number, value, limit and way out."""

    is_valid: bool
    name: str = ""
    lines: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


class Bundled(Value):
    """Campaigns to start from."""

    campaigns: Mapping[str, str]
    """Text by name."""


class Order(Value, defer_build=False):
    """A command without further content."""

    note: str = Field(default="", max_length=2000)
    now: StrictBool = False
    """For ``pause``: interrupt the trial in progress."""


class ApprovalOrder(Value, defer_build=False):
    suggestion_hash: str = Field(pattern=r"^[0-9a-f]{64}$")
    note: str = Field(default="", max_length=2000)


class EditOrder(Value, defer_build=False):
    """Measure this point instead of the held one; it goes past the guardians again."""

    suggestion_hash: str = Field(pattern=r"^[0-9a-f]{64}$")
    point: Mapping[str, Setting] = Field(max_length=100)
    note: str = Field(default="", max_length=2000)


class PointOrder(Value, defer_build=False):
    """Measure this point next."""

    point: Mapping[str, Setting] = Field(max_length=100)
    note: str = Field(default="", max_length=2000)


class ChangeOrder(Value, defer_build=False):
    change: Change
    note: str = Field(default="", max_length=2000)


class ScoreOrder(Value, defer_build=False):
    """What an analysis says of a trial: a value, several by objective, or that it failed."""

    value: float | None = None
    """Of the only objective that is awaited."""
    sd: float | None = Field(default=None, ge=0)
    scores: Mapping[str, ObjectiveScore] = Field(default={}, max_length=100)
    """By objective, where there are several."""
    failed: str = Field(default="", max_length=2000)
    """Why there will be no score."""
    run_uid: str = Field(default="", max_length=100)
    """The run that was analysed; refused where another one counts."""
    correct: StrictBool = False
    """Replace a score."""
    note: str = Field(default="", max_length=2000)

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if [self.value is not None, bool(self.scores), bool(self.failed)].count(True) != 1:
            raise ValueError("give value, scores or failed, and only one of them")
        if self.sd is not None and self.value is None:
            raise ValueError("sd belongs to value; several scores carry their own")
        return self

    def content(self) -> dict[str, JsonValue]:
        """Return what the command carries."""
        alone = {} if self.value is None else {"": ObjectiveScore(value=self.value, sd=self.sd)}
        answer = AnalysisAnswer(scores={**alone, **self.scores}, failed=self.failed, run_uid=self.run_uid, is_correction=self.correct)
        return answer.model_dump(mode="json")


class NoteOrder(Value, defer_build=False):
    text: str = Field(min_length=1, max_length=2000)


class Ordered(Value):
    """What became of a command."""

    campaign: str
    verb: str
    answer: str
    """One sentence."""
    taken: bool
    """Whether the engine has taken it; otherwise it lies in the inbox, which survives a crash."""
    status: str


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
