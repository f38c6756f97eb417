"""A number that an analysis elsewhere tells, minutes after the measurement."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import Field

from orchestrator.domain.base import Value
from orchestrator.domain.records import Later, Objective, Observation


class Answers(Value):
    """Where answers come from, beside the command line and the API, which are always open."""

    folder: str = Field(min_length=1)
    """Watched for a JSON or CSV file per trial; relative to the campaign file."""


class ExternalSettings(Later):
    """How the analysis is waited for, and what to do with what it tells."""

    goal: Literal["maximise", "minimise"] = "maximise"
    unit: str = ""
    """Shown beside the score."""
    answers: Answers | None = None
    """A folder to watch; without it, answers come by command line, Python client and API only."""

    def relative_to(self, folder: Path) -> Self:
        """Return the settings with an absolute path."""
        if self.answers is None:
            return self
        answers = Answers(folder=str((folder / self.answers.folder).absolute()))
        return self.model_copy(update={"answers": answers})


class ExternalReward:
    """The score is what an analysis says, with its sd: see ``nightshift score``. The instrument goes on meanwhile."""

    Settings: ClassVar[type[Value]] = ExternalSettings

    def __init__(self, settings: ExternalSettings) -> None:
        self._settings = settings

    @property
    def answers_folder(self) -> Path | None:
        """Return the folder to watch, if there is one."""
        answers = self._settings.answers
        return None if answers is None else Path(answers.folder)

    def objective(self) -> Objective:
        settings = self._settings
        later = Later(timeout=settings.timeout, on_timeout=settings.on_timeout, max_pending=settings.max_pending)
        return Objective(name="score", goal=settings.goal, unit=settings.unit, later=later)

    def signals(self) -> tuple[str, ...]:
        return ()

    def score(self, observation: Observation, arrays: Mapping[str, np.ndarray]) -> None:
        return
