"""Several signals weighed into one number, with every part's contribution kept."""

import math
from collections.abc import Mapping
from typing import ClassVar, Self

import numpy as np
from pydantic import Field, model_validator

from orchestrator.domain.base import Value
from orchestrator.domain.records import Objective, ObjectiveScore, Observation
from rewards.judging import Aim, SignalName, reading_of


class Part(Aim):
    """One term of the sum. Maximised terms add, minimised ones and distances from a target subtract."""

    signal: SignalName
    weight: float = Field(default=1.0, gt=0)
    range: tuple[float, float] | None = None
    """Readings that become 0 and 1, so that parts of different units can be weighed; a distance is divided by the span."""

    @model_validator(mode="after")
    def _range_ascends(self) -> Self:
        if self.range is not None and not self.range[0] < self.range[1]:
            raise ValueError(f"range {list(self.range)} is reversed or empty; write [low, high] with low < high")
        return self

    def contribution(self, reading: float) -> float:
        """Return what this part adds to the score."""
        low, span = self._scale
        offset = 0.0 if self.goal == "target" else low
        return self._sign * self.weight * (self.score(reading) - offset) / span

    def slope(self, reading: float) -> float:
        """Return how the contribution changes with the reading; below a target the distance shrinks as it grows."""
        below = self.target is not None and reading < self.target
        return (-1.0 if below else 1.0) * self._sign * self.weight / self._scale[1]

    @property
    def _sign(self) -> float:
        return 1.0 if self.direction == "maximise" else -1.0

    @property
    def _scale(self) -> tuple[float, float]:
        return (0.0, 1.0) if self.range is None else (self.range[0], self.range[1] - self.range[0])


class CompositeSettings(Value):
    """The parts by name."""

    parts: Mapping[str, Part] = Field(min_length=1)


class CompositeReward:
    """The score is the sum of its parts, always maximised."""

    Settings: ClassVar[type[Value]] = CompositeSettings

    def __init__(self, settings: CompositeSettings) -> None:
        self._parts = settings.parts

    def objective(self) -> Objective:
        return Objective(name="composite", goal="maximise")

    def signals(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(part.signal for part in self._parts.values()))

    def score(self, observation: Observation, arrays: Mapping[str, np.ndarray]) -> ObjectiveScore:
        readings = {signal: reading_of(observation, signal) for signal in self.signals()}
        parts = {name: part.contribution(readings[part.signal]) for name, part in self._parts.items()}
        return ObjectiveScore(value=math.fsum(parts.values()), sd=self._sd(readings, observation.sds), parts=parts)

    def _sd(self, readings: Mapping[str, float], sds: Mapping[str, float]) -> float | None:
        """Return the sum's sd to first order, signals taken as independent; None while any signal's is unknown."""
        if any(signal not in sds for signal in readings):
            return None
        slopes = dict.fromkeys(readings, 0.0)
        for part in self._parts.values():
            slopes[part.signal] += part.slope(readings[part.signal])
        return math.sqrt(math.fsum((slope * sds[signal]) ** 2 for signal, slope in slopes.items()))
