"""One scalar signal: as large, as small, or as close to a target as can be."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from orchestrator.domain.base import Value
from orchestrator.domain.records import Objective, ObjectiveScore, Observation
from rewards.judging import Aim, SignalName, reading_of


class ScalarSettings(Aim):
    """Which signal, and what to do with it."""

    signal: SignalName
    unit: str = ""
    """Shown beside the score."""


class ScalarReward:
    """The score is the reading, or with a target ``|reading − target|``; its sd is the reading's."""

    Settings: ClassVar[type[Value]] = ScalarSettings

    def __init__(self, settings: ScalarSettings) -> None:
        self._settings = settings

    def objective(self) -> Objective:
        return Objective(name=self._settings.signal, goal=self._settings.direction, unit=self._settings.unit)

    def signals(self) -> tuple[str, ...]:
        return (self._settings.signal,)

    def score(self, observation: Observation, arrays: Mapping[str, np.ndarray]) -> ObjectiveScore:
        reading = reading_of(observation, self._settings.signal)
        return ObjectiveScore(value=self._settings.score(reading), sd=observation.sds.get(self._settings.signal))
