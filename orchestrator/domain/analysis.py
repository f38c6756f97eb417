"""Analysis that answers later: what it may say, what is awaited, and when the waiting ends. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from pydantic import Field, model_validator

from orchestrator.domain.base import Value
from orchestrator.domain.campaign import CampaignState, Trial
from orchestrator.domain.records import Later, ObjectiveScore


class CatalogueAnswers(Value):
    """Where in the site's Tiled server an analysis leaves its results, and what of them is an answer.

    Keys are those of a result's metadata; a dot leads into a nested one.
    """

    path: str = Field(min_length=1, max_length=500, pattern=r"^[^/?#%\\]+(/[^/?#%\\]+)*$")
    """The container that results are written into, each a container, table or array of its own."""
    trial: str = Field(default="nightshift", min_length=1, max_length=200)
    """The key under which the start document's ``nightshift`` was copied, with ``campaign`` and ``trial``."""
    run: str | None = Field(default=None, min_length=1, max_length=200)
    """In its place: the key that holds the uid of the run that was analysed."""
    value: str = Field(default="value", min_length=1, max_length=200)
    """The key, or the column of a table, that holds the score; what has none is no answer."""
    sd: str = Field(default="sd", min_length=1, max_length=200)
    """That of its standard deviation, where there is one."""

    @model_validator(mode="after")
    def _stays_beneath(self) -> "CatalogueAnswers":
        if {".", ".."} & set(self.path.split("/")):
            raise ValueError(f"path = {self.path!r} leads out of where it begins; write it without . and ..")
        return self


class AnalysisAnswer(Value):
    """What an analysis says of one trial: scores, or that it failed."""

    scores: Mapping[str, ObjectiveScore] = Field(default={}, max_length=100)
    """By objective; an empty name stands for the only one that is awaited."""
    failed: str = Field(default="", max_length=2000)
    """Why there will be no score."""
    run_uid: str = Field(default="", max_length=100)
    """The run that was analysed; an answer about a run that does not count is refused. Empty is not compared."""
    is_correction: bool = False
    """Whether it may replace a score."""

    @model_validator(mode="after")
    def _says_one_thing(self) -> "AnalysisAnswer":
        if bool(self.scores) == bool(self.failed):
            raise ValueError("an answer gives scores, or says why the analysis failed; give one of the two")
        return self


def answers_later(state: CampaignState) -> Mapping[str, Later]:
    """Return the objectives that an analysis elsewhere tells, with how it is waited for."""
    return {objective.name: objective.later for objective in state.objectives if objective.later is not None}


def missing(state: CampaignState, trial: Trial) -> tuple[str, ...]:
    """Return the objectives that nobody has told yet of a trial."""
    return tuple(objective.name for objective in state.objectives if objective.name not in trial.known)


def awaited(state: CampaignState) -> tuple[Trial, ...]:
    """Return the trials that wait for their analysis, in the order of measuring."""
    return tuple(state.trial(number) for number in sorted(state.awaiting))


def waiting_since(state: CampaignState) -> datetime | None:
    """Return when the longest wait for an analysis began; None while nothing is awaited."""
    return min((trial.awaiting_since for trial in awaited(state) if trial.awaiting_since), default=None)


def most_pending(state: CampaignState) -> int | None:
    """Return how many trials may await their analysis at once; None where every reward judges at once."""
    return min((later.max_pending for later in answers_later(state).values()), default=None)


def is_full(state: CampaignState) -> bool:
    """Return whether so many trials await their analysis that the instrument must wait."""
    most = most_pending(state)
    return most is not None and len(state.awaiting) >= most


def _deadlines(state: CampaignState, trial: Trial) -> Iterator[tuple[datetime, Later]]:
    began = max((at for at in (trial.awaiting_since, state.going_since) if at is not None), default=None)
    for name in missing(state, trial):
        later = answers_later(state).get(name)
        if began is not None and later is not None and later.timeout is not None:
            yield began + timedelta(seconds=later.timeout), later


def deadline(state: CampaignState, trial: Trial) -> tuple[datetime, Later] | None:
    """Return until when a trial waits for its analysis, and what silence then means; None for ever."""
    return min(_deadlines(state, trial), key=lambda each: each[0], default=None)


def overdue(state: CampaignState, now: datetime) -> tuple[Trial, Later] | None:
    """Return the first trial whose analysis has not answered in time."""
    for trial in awaited(state):
        last = deadline(state, trial)
        if last is not None and now >= last[0]:
            return trial, last[1]
    return None
