"""1 for whatever was done: for stages that do something, such as loading a sample, and search nothing."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from orchestrator.domain.base import Value
from orchestrator.domain.records import Objective, ObjectiveScore, Observation


class DoneSettings(Value):
    """There is nothing to set."""


class DoneReward:
    """The score is 1 once the trial is measured. What fails is never measured, so it never scores."""

    Settings: ClassVar[type[Value]] = DoneSettings

    def __init__(self, settings: DoneSettings) -> None:
        self._settings = settings

    def objective(self) -> Objective:
        return Objective(name="done", goal="maximise")

    def signals(self) -> tuple[str, ...]:
        return ()

    def score(self, observation: Observation, arrays: Mapping[str, np.ndarray]) -> ObjectiveScore:
        return ObjectiveScore(value=1.0, sd=0.0)
