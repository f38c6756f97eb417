"""What rewards share: reading a signal, and turning a number and a goal into something to optimise."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from orchestrator.domain.base import Value
from orchestrator.domain.errors import RewardError
from orchestrator.domain.records import Observation

Goal = Literal["maximise", "minimise", "target"]
SignalName = Annotated[str, Field(min_length=1)]


class Aim(Value):
    """A direction, or a number to come close to."""

    goal: Goal = "maximise"
    target: float | None = None
    """With goal ``target``: the wanted value, in the signal's unit."""

    @model_validator(mode="after")
    def _target_fits_goal(self) -> Self:
        if (self.goal == "target") != (self.target is not None):
            raise ValueError("goal: target and a target value belong together; give both, or neither")
        return self

    @property
    def direction(self) -> Literal["maximise", "minimise"]:
        """What an agent does with the score: a distance from a target is minimised."""
        return "maximise" if self.goal == "maximise" else "minimise"

    def score(self, value: float) -> float:
        """Return the value itself, or its distance from the target."""
        return value if self.target is None else abs(value - self.target)


def reading_of(observation: Observation, signal: str) -> float:
    """Return a scalar signal's reading.

    Raises:
        RewardError: If it was not read, or was not a finite number.
    """
    if signal not in observation.readings:
        read = ", ".join(observation.readings) or "nothing"
        raise RewardError(f"signal {signal!r} was not read in trial {observation.trial}; read: {read}; add it to measure.signals")
    reading = observation.readings[signal]
    if reading is None:
        raise RewardError(f"signal {signal!r} was not a finite number in trial {observation.trial}; check its detector")
    return reading


def array_of(arrays: Mapping[str, np.ndarray], signal: str, *, n_dimensions: int) -> np.ndarray:
    """Return a spectrum (1 dimension) or an image (2 dimensions) as floats.

    Raises:
        RewardError: If it was not read, has another shape, or holds numbers that are not finite.
    """
    if signal not in arrays:
        raise RewardError(f"signal {signal!r} gave no array; read: {', '.join(arrays) or 'none'}; add it to measure.signals")
    array = np.squeeze(np.asarray(arrays[signal], dtype=float))
    if array.ndim != n_dimensions:
        raise RewardError(f"signal {signal!r} has shape {array.shape}, not {n_dimensions} dimensions; choose a signal of the right kind")
    if not np.isfinite(array).all():
        raise RewardError(f"signal {signal!r} holds {np.count_nonzero(~np.isfinite(array))} values that are not finite; check its detector")
    return array
