"""A number that an analysis elsewhere tells, minutes after the measurement."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from orchestrator.domain.analysis import CatalogueAnswers
from orchestrator.domain.base import Value
from orchestrator.domain.records import Later, Objective, Observation


class Answers(Value):
    """Where answers come from, beside the command line and the API, which are always open."""

    folder: str | None = Field(default=None, min_length=1)
    """Watched for a JSON or CSV file per trial; relative to the campaign file."""
    tiled: CatalogueAnswers | None = None
    """Watched for results that the analysis writes into Tiled; which server, the site file says."""

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if self.folder is None and self.tiled is None:
            raise ValueError("answers: give folder, tiled or both; leave answers out where they come by command line or API")
        return self


class ExternalSettings(Later):
    """How the analysis is waited for, and what to do with what it tells."""

    goal: Literal["maximise", "minimise"] = "maximise"
    unit: str = ""
    """Shown beside the score."""
    answers: Answers | None = None
    """A folder or a Tiled container to watch; without it, answers come by command line, Python client and API only."""

    def relative_to(self, folder: Path) -> Self:
        """Return the settings with an absolute path."""
        if self.answers is None or self.answers.folder is None:
            return self
        answers = self.answers.model_copy(update={"folder": str((folder / self.answers.folder).absolute())})
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
        return None if answers is None or answers.folder is None else Path(answers.folder)

    @property
    def answers_catalogue(self) -> CatalogueAnswers | None:
        """Return what to watch in Tiled, if anything."""
        return None if self._settings.answers is None else self._settings.answers.tiled

    def objective(self) -> Objective:
        settings = self._settings
        later = Later(timeout=settings.timeout, on_timeout=settings.on_timeout, max_pending=settings.max_pending)
        return Objective(name="score", goal=settings.goal, unit=settings.unit, later=later)

    def signals(self) -> tuple[str, ...]:
        return ()

    def score(self, observation: Observation, arrays: Mapping[str, np.ndarray]) -> None:
        return
