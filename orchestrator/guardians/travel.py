"""Stops before an axis has travelled further than it should."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Annotated, ClassVar

from pydantic import Field

from orchestrator.domain.base import Value
from orchestrator.domain.campaign import CampaignState, Trial
from orchestrator.domain.protocols import ReviewContext
from orchestrator.domain.records import Answer, Verdict, where
from orchestrator.guardians.base import GuardianBase, numbers, unit_of


class TravelSettings(Value):
    """How far an axis may travel in the whole campaign, by axis."""

    largest: Mapping[str, Annotated[float, Field(gt=0)]] = Field(min_length=1)
    """Sum of all steps, in the axis's unit."""


class TravelGuardian(GuardianBase):
    """Adds up the way between recorded places. Rejected attempts and moves outside the campaign are not in it."""

    name: ClassVar[str] = "travel"
    Settings: ClassVar[type[Value]] = TravelSettings

    def __init__(self, settings: TravelSettings) -> None:
        self._settings = settings

    def review(self, trial: Trial, context: ReviewContext) -> Verdict:
        for axis, largest in self._settings.largest.items():
            if axis not in context.instrument.axes:
                return self.answer(Answer.STOP, f"travel names {axis!r}, which is no axis; correct its settings")
            travelled = travel(axis, trial, context.state)
            if travelled > largest:
                unit = unit_of(axis, context)
                reason = f"{axis} would have travelled {travelled:g}{unit} in all, above {largest:g}{unit}; raise travel.largest.{axis}"
                return self.answer(Answer.STOP, reason)
        return self.allow()


def travel(axis: str, trial: Trial, state: CampaignState) -> float:
    """Return how far an axis will have travelled once it has reached the trial's point, in the axis's unit."""
    return sum(abs(after - before) for before, after in pairwise(_places(axis, trial, state)))


def _places(axis: str, trial: Trial, state: CampaignState) -> Iterator[float]:
    measured = (where(earlier.observation) for earlier in state.trials if earlier.observation is not None)
    for settings in (state.start_positions, *measured, trial.point):
        place = numbers(settings).get(axis)
        if place is not None:
            yield place
