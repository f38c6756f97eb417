"""Trials and what was decided about them."""

from collections.abc import Mapping
from typing import Any

from orchestrator.domain.base import Moment, Setting, Value
from orchestrator.domain.frames import FrameRef
from orchestrator.domain.records import ArtefactRef, Evidence, Observation, Prediction, Score, Verdict


class ShownScore(Value):
    """One objective's score, with what was predicted for it before."""

    value: float | None = None
    sd: float | None = None
    predicted: float | None = None
    predicted_sd: float | None = None


class Trial(Value):
    """A trial as lists and live pages need it."""

    trial: int
    kind: str
    status: str
    point: Mapping[str, Setting]
    readback: Mapping[str, Setting] | None = None
    agent: str
    role: str
    attempts: int
    scores: Mapping[str, ShownScore] = {}
    """By objective."""
    is_best: bool = False
    """Whether it was the best so far when it was scored."""
    why: str = ""
    """One sentence: why this point."""
    note: str = ""
    """Why it was vetoed or failed."""
    verdicts: tuple[Verdict, ...] = ()
    """Those that did not simply allow."""
    runners_up: tuple[Mapping[str, Setting], ...] = ()
    readings: Mapping[str, float | None] = {}
    arrays: Mapping[str, tuple[int, ...]] = {}
    """Shapes of spectra and images, by signal."""
    suggested_at: Moment
    finished_at: Moment | None = None
    suggestion_hash: str = ""
    seconds: Mapping[str, float] = {}
    """What the agent's thinking took, by step; ``prepare`` was hidden behind the measurement before."""
    dead_s: float | None = None
    """How long the instrument stood idle before it for Nightshift's sake."""


class Trials(Value):
    trials: tuple[Trial, ...]
    next: int | None = None
    """Give it as ``after`` for the next page; None on the last one."""
    seq: int


class Attempt(Value):
    number: int
    recorded_at: Moment
    outcome: str
    reason: str = ""
    observation: Observation | None = None
    verdicts: tuple[Verdict, ...] = ()


class TrialUnits(Value):
    """The unit of every number of a trial by its name; empty for a number without one."""

    point: Mapping[str, str] = {}
    """Of set and read back, by parameter."""
    readings: Mapping[str, str] = {}
    """By signal."""
    scores: Mapping[str, str] = {}
    """Of scores and of what was predicted, by objective."""


class TrialDetail(Value):
    """Everything the ledger knows of one trial."""

    trial: Trial
    evidence: Evidence
    observation: Observation | None
    score: Score | None
    attempts: tuple[Attempt, ...]
    explanation: str
    units: TrialUnits = TrialUnits()


class Explanation(Value):
    campaign: str
    trial: int
    text: str


class Decision(Value):
    trial: int
    kind: str
    agent: str
    role: str
    point: Mapping[str, Setting]
    based_on: int
    why: str
    predicted: Mapping[str, Prediction]
    status: str


class Decisions(Value):
    decisions: tuple[Decision, ...]
    next: int | None = None


class Observations(Value):
    observations: tuple[Observation, ...]
    next: int | None = None


class TrialScore(Value):
    trial: int
    score: Score


class Scores(Value):
    scores: tuple[TrialScore, ...]
    next: int | None = None


class TrialVerdict(Value):
    seq: int
    trial: int
    at: Moment
    verdict: Verdict


class Verdicts(Value):
    verdicts: tuple[TrialVerdict, ...]
    next: int | None = None


class Best(Value):
    """The best trials by the first objective, best first."""

    objective: str
    goal: str
    trials: tuple[Trial, ...]


class ParetoFront(Value):
    objectives: tuple[str, ...]
    trials: tuple[Trial, ...]


class ProgressPoint(Value):
    trial: int
    value: float
    best: float


class Progress(Value):
    """Best so far against the trial number."""

    objective: str
    goal: str
    unit: str
    points: tuple[ProgressPoint, ...]
    random: tuple[float, ...] | None = None
    """What random points would have found by each trial, on average; None where nothing is known about the space."""
    random_source: str = ""
    """How that was estimated."""


class Array(Value):
    """A spectrum or an image, thinned for the screen."""

    signal: str
    trial: int
    unit: str
    shape: tuple[int, ...]
    """As measured."""
    shown: tuple[int, ...]
    """Of ``values`` below, after thinning."""
    values: tuple[float | None, ...]
    """Row by row."""
    low: float
    high: float
    artefact: ArtefactRef | None = None
    """Where it is kept; None for what lies in a detector's own file."""
    files: tuple[FrameRef, ...] = ()
    """Where it lies in files that the detector wrote; of several frames the first is shown."""


class Posterior(Value):
    """What the agent's model believed on a grid. For two axes, ``mean[i * len(x) + j]`` belongs to ``y[i], x[j]``."""

    objective: str
    unit: str
    trial: int
    """The decision whose model this is."""
    seq: int
    x_name: str
    x: tuple[float, ...]
    y_name: str | None = None
    y: tuple[float, ...] = ()
    mean: tuple[float, ...]
    sd: tuple[float, ...]
    others: Mapping[str, Setting] = {}
    """Where the parameters that are not shown were held."""
    model: Mapping[str, Any] = {}
