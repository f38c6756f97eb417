"""Refuses motions longer than an axis should make at once."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from orchestrator.domain.base import Value
from orchestrator.domain.campaign import Trial
from orchestrator.domain.protocols import ReviewContext
from orchestrator.domain.records import Answer, Verdict
from orchestrator.guardians.base import GuardianBase, known_positions, numbers, unit_of


class StepSizeSettings(Value):
    """The largest change per trial, by axis."""

    largest: Mapping[str, Annotated[float, Field(gt=0)]] = Field(min_length=1)
    """In the axis's unit."""
    answer: Literal["hold", "veto"] = "hold"
    """Whether a person may approve a longer step."""


class StepSizeGuardian(GuardianBase):
    """Steps count from where the axes are; an axis whose position nobody knows may take any."""

    name: ClassVar[str] = "step-size"
    Settings: ClassVar[type[Value]] = StepSizeSettings

    def __init__(self, settings: StepSizeSettings) -> None:
        self._settings = settings

    def review(self, trial: Trial, context: ReviewContext) -> Verdict:
        start, end = numbers(known_positions(context)), numbers(trial.point)
        for axis, largest in self._settings.largest.items():
            if axis not in context.instrument.axes:
                return self.answer(Answer(self._settings.answer), f"step-size names {axis!r}, which is no axis; correct its settings")
            step = abs(end[axis] - start[axis]) if axis in start and axis in end else 0.0
            if step > largest:
                unit = unit_of(axis, context)
                reason = f"{axis} would step {step:g}{unit} from {start[axis]:g} to {end[axis]:g}{unit}, above {largest:g}{unit}"
                return self.answer(Answer(self._settings.answer), f"{reason}; choose a nearer point or raise step-size.largest.{axis}")
        return self.allow()
