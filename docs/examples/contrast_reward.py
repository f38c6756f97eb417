"""A reward of one's own: how far a signal stands above its background."""

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from orchestrator.domain.base import Value
from orchestrator.domain.errors import RewardError
from orchestrator.domain.records import Objective, ObjectiveScore, Observation
from rewards.judging import SignalName, reading_of


class ContrastSettings(Value):
    """Which two readings to compare."""

    signal: SignalName
    background: SignalName


class ContrastReward:
    """The score is (signal − background) / background, dimensionless; 0 where there is nothing to see."""

    Settings: ClassVar[type[Value]] = ContrastSettings

    def __init__(self, settings: ContrastSettings) -> None:
        self._settings = settings

    def objective(self) -> Objective:
        return Objective(name="contrast", goal="maximise")

    def signals(self) -> tuple[str, ...]:
        return (self._settings.signal, self._settings.background)

    def score(self, observation: Observation, arrays: Mapping[str, np.ndarray]) -> ObjectiveScore:
        signal = reading_of(observation, self._settings.signal)
        background = reading_of(observation, self._settings.background)
        if background <= 0:
            raise RewardError(f"{self._settings.background} = {background:g} must be above 0 to compare with; check the dark current")
        return ObjectiveScore(value=signal / background - 1.0, sd=self._sd(observation, signal, background))

    def _sd(self, observation: Observation, signal: float, background: float) -> float | None:
        """Return the score's standard deviation, by first-order propagation; None where the instrument gives none."""
        signal_sd = observation.sds.get(self._settings.signal)
        background_sd = observation.sds.get(self._settings.background)
        if signal_sd is None or background_sd is None:
            return None
        return math.hypot(signal_sd / background, signal * background_sd / background**2)
