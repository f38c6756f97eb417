"""What is recorded about one trial: why it was chosen, what was measured, what it was worth."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from orchestrator.domain.base import Duration, Moment, Point, Setting, Value
from orchestrator.domain.frames import FrameRef

Settings = Mapping[str, Setting]


class TrialKind(StrEnum):
    """What a trial is for. Only scored kinds reach agents; all that are measured count against time and dose."""

    AGENT = "agent"
    HUMAN = "human"
    REFERENCE = "reference"
    DARK = "dark"
    CALIBRATION = "calibration"
    ALIGNMENT = "alignment"
    FINISH = "finish"
    """The move of ``on_finish``: measured like any trial, scored by nobody."""
    EARLIER = "earlier"
    """Measured before the campaign: known when it begins, and spent from no budget."""

    @property
    def is_scored(self) -> bool:
        return self in (TrialKind.AGENT, TrialKind.HUMAN, TrialKind.EARLIER)


ASKED_FOR = "asked for this point"
"""The reason on record of a person's suggestion that came without one."""


class Prediction(Value):
    """What a model expects of one objective at one point, in the objective's unit."""

    mean: float
    sd: float = Field(ge=0)
    """Of the expected value itself; a measurement scatters around it by ``noise_sd`` more."""
    noise_sd: float | None = Field(default=None, ge=0)
    """What the model believes of one measurement's own scatter; None when it has no opinion."""


class LimitPrediction(Value):
    """What a model expects of one limited signal at one point, in the signal's unit."""

    mean: float
    sd: float = Field(ge=0)
    """Of the expected value itself."""
    probability: float = Field(ge=0, le=1)
    """That the limit is kept."""


class Acquisition(Value):
    """Why a point was worth measuring, as the agent's acquisition function put it."""

    name: str
    value: float
    is_log: bool = False
    """Whether values are logarithms: a point's then says what share of the chosen one's worth it has."""
    unit: str = ""
    """Of the parts, and of values that are no logarithms."""
    parts: Mapping[str, float] = {}
    """For example ``{"exploit": 0.2, "explore": 0.7}``; empty when the function does not split."""


class BelievedBest(Value):
    """The measured place that a model believes best: of readings that scatter, the highest is mostly luck."""

    trial: int
    """One that measured there."""
    mean: float
    """In the objective's unit."""
    sd: float = Field(ge=0)
    """Of the expected value itself."""


class RunnerUp(Value):
    """A point that was considered and not chosen."""

    point: Mapping[str, Setting]
    predicted: Mapping[str, Prediction] = {}
    acquisition: float | None = None


class Evidence(Value):
    """Why this point: everything an agent knew that made it suggest what it did."""

    reason: str = ""
    """One sentence for a person."""
    purpose: str = ""
    """What the point is for, where that is no better score, such as ``to remove 11 % of the squared error of the map``."""
    predicted: Mapping[str, Prediction] = {}
    """By objective; empty for agents without a model."""
    limits: Mapping[str, LimitPrediction] = {}
    """By limited signal; empty where nothing is limited, and for agents that do not heed limits."""
    believed_best: BelievedBest | None = None
    """Of what was measured before, with one objective; None for agents without a model."""
    acquisition: Acquisition | None = None
    runners_up: tuple[RunnerUp, ...] = ()
    model: Mapping[str, Any] = {}
    """JSON values only: hyperparameters, transforms, whatever a warm start or a posterior slice needs."""
    seconds: Mapping[str, float] = {}
    """Wall time by step, such as ``fit`` and ``optimise``. Never compared in a replay, never read by an agent."""


class Suggestion(Value):
    """The point an agent or a person wants next."""

    point: Mapping[str, Setting]
    evidence: Evidence = Evidence()


class Answer(StrEnum):
    """What a guardian says, from mildest to gravest."""

    ALLOW = "allow"
    REMEASURE = "re-measure"
    VETO = "veto"
    HOLD = "hold"
    PAUSE = "pause"
    STOP = "stop"


_GRAVITY = {answer: rank for rank, answer in enumerate(Answer)}


class Verdict(Value):
    """A guardian's answer to a suggestion or an observation."""

    guardian: str
    answer: Answer
    reason: str = ""
    """Names thing, value, limit and way out; empty for allow."""


def gravest(verdicts: tuple[Verdict, ...]) -> Answer:
    """Return the answer that decides when several guardians spoke."""
    return max((verdict.answer for verdict in verdicts), key=_GRAVITY.__getitem__, default=Answer.ALLOW)


class ArtefactRef(Value):
    """A file in the artefact store."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    media_type: str = "application/x-npy"
    shape: tuple[int, ...] = ()


class Breach(Value):
    """An interlock that was not satisfied at some moment between a trial's start and its last reading."""

    interlock: str
    value: float | str | None
    at: Moment
    detail: str = ""
    until: Moment | None = None
    """Given once the condition holds again: how long the site waits then. None while it is broken."""


class Observation(Value):
    """What was recorded for one attempt at measuring a trial."""

    trial: int = Field(ge=1)
    attempt: int = Field(ge=1)
    setpoint: Mapping[str, Setting]
    readback: Mapping[str, Setting]
    """Where the axes really were while the detectors read."""
    readings: Mapping[str, float | None]
    """Scalar signals by name, in the unit the instrument declares; None where the reading was not finite."""
    sds: Mapping[str, float] = {}
    """Standard deviations of readings, where the instrument knows them (counting statistics, replicates)."""
    arrays: Mapping[str, ArtefactRef] = {}
    """Spectra and images, by reference."""
    files: Mapping[str, tuple[FrameRef, ...]] = {}
    """Signals that detectors wrote into files of their own: which frames of which file. The data stay there."""
    waited_s: Mapping[str, float] = {}
    """Seconds from the end of the run until a signal's frames could be read, where it was not at once."""
    remarks: Mapping[str, str] = {}
    """Why a signal has no value, where the operation that works it out can tell."""
    streams: Mapping[str, int] = {}
    """The run's streams besides ``primary``, such as baseline and monitors, and how many events each has; their data stay where the
    documents are kept."""
    uses: Mapping[str, int] = {}
    """By routine of ``every``, such as ``take_dark``: the trial that gave the dark, calibration or alignment in force when this began."""
    exposure_s: float = Field(default=0.0, ge=0)
    """Shutter-open seconds of this attempt."""
    dose: float | None = Field(default=0.0, ge=0)
    """In the instrument's unit; None where what tells it gave no number, and nothing was known to reckon it from."""
    run_uid: str = ""
    scan_id: int | None = None
    started_at: Moment
    finished_at: Moment
    breaches: tuple[Breach, ...] = ()
    is_adopted: bool = False
    """Whether a finished run was found after a crash instead of being measured by this runner."""
    dead_s: float | None = Field(default=None, ge=0)
    """Seconds from the end of the run before until this one began, without what was spent waiting for a person or for beam.

    None where it is not known: for a runner's first run, after one that broke off, and in ledgers written by earlier versions.
    """


class ObjectiveScore(Value):
    """What one reward made of an observation."""

    value: float
    sd: float | None = Field(default=None, ge=0)
    parts: Mapping[str, float] = {}
    """Named contributions of a composite reward; empty otherwise."""


class Score(Value):
    """What all rewards made of an observation, by objective name."""

    objectives: Mapping[str, ObjectiveScore]


class Later(Value):
    """How an analysis that answers after the instrument has gone on is waited for."""

    timeout: Duration | None = Field(default=3600.0, gt=0)
    """How long after the measurement; ``null`` waits for ever. An answer after that is still taken while the campaign lives."""
    on_timeout: Literal["fail", "hold"] = "fail"
    """What silence means: the trial ends without a score, or the campaign holds for a person."""
    max_pending: int = Field(default=10, ge=1, le=1000)
    """How many trials may wait for it at once; the instrument then waits too."""


class Objective(Value):
    """A number agents should make as large or as small as they can."""

    name: str
    goal: Literal["maximise", "minimise"]
    unit: str = ""
    later: Later | None = None
    """Given where an analysis elsewhere tells it, some time after the measurement."""

    def is_better(self, value: float, than: float) -> bool:
        return value > than if self.goal == "maximise" else value < than


def readback_of(observation: Observation, name: str) -> Setting:
    """Return where an axis was, falling back to its setpoint when the instrument reads nothing back."""
    return observation.readback.get(name, observation.setpoint[name])


def where(observation: Observation) -> Point:
    """Return the point as read back."""
    return {name: readback_of(observation, name) for name in observation.setpoint}
