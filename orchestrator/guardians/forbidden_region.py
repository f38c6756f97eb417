"""Refuses points inside, and motions through, regions the campaign forbids."""

from collections.abc import Mapping
from typing import ClassVar, Self

from pydantic import Field, model_validator

from orchestrator.domain.base import Value
from orchestrator.domain.campaign import Trial
from orchestrator.domain.protocols import ReviewContext
from orchestrator.domain.records import Answer, Verdict
from orchestrator.guardians.base import GuardianBase, known_positions, numbers
from orchestrator.guardians.geometry import Interval, Place, distance_of_line, is_in_box, line_meets_box


class Box(Value):
    """Intervals that must all hold for a point to be inside."""

    name: str = "a forbidden box"
    within: Mapping[str, Interval] = Field(min_length=1)
    """(low, high) by axis, both included; null is no bound."""

    @property
    def axes(self) -> tuple[str, ...]:
        return tuple(self.within)

    def holds(self, place: Place) -> bool:
        return is_in_box(place, self.within)

    def is_met(self, start: Place, end: Place) -> bool:
        return line_meets_box(start, end, self.within)

    @model_validator(mode="after")
    def _intervals_ascend(self) -> Self:
        for axis, (low, high) in self.within.items():
            if low is not None and high is not None and low > high:
                raise ValueError(f"{self.name}: {axis} = [{low}, {high}] is reversed; write [low, high]")
        return self


class Sphere(Value):
    """Everything within a radius of a centre; its axes share one unit."""

    name: str = "a forbidden sphere"
    centre: Mapping[str, float] = Field(min_length=1)
    radius: float = Field(gt=0)

    @property
    def axes(self) -> tuple[str, ...]:
        return tuple(self.centre)

    def holds(self, place: Place) -> bool:
        return distance_of_line(place, place, self.centre) <= self.radius

    def is_met(self, start: Place, end: Place) -> bool:
        return distance_of_line(start, end, self.centre) <= self.radius


class ForbiddenRegionSettings(Value):
    """Where the axes must never be together."""

    boxes: tuple[Box, ...] = ()
    spheres: tuple[Sphere, ...] = ()
    check_path: bool = True
    """Whether the straight way to the point must be clear too. Axes of different speed bend it: leave a margin."""

    @model_validator(mode="after")
    def _forbids_something(self) -> Self:
        if not self.boxes and not self.spheres:
            raise ValueError("neither boxes nor spheres are given; forbid something or leave the guardian out")
        return self

    @property
    def regions(self) -> tuple[Box | Sphere, ...]:
        return (*self.boxes, *self.spheres)


class ForbiddenRegionGuardian(GuardianBase):
    """Axes the point does not name count where they stand now."""

    name: ClassVar[str] = "forbidden-region"
    Settings: ClassVar[type[Value]] = ForbiddenRegionSettings

    def __init__(self, settings: ForbiddenRegionSettings) -> None:
        self._settings = settings

    def review(self, trial: Trial, context: ReviewContext) -> Verdict:
        start = numbers(known_positions(context))
        end = {**start, **numbers(trial.point)}
        for region in self._settings.regions:
            reason = self._objection(region, start, end)
            if reason is not None:
                return self.answer(Answer.VETO, reason)
        return self.allow()

    def _objection(self, region: Box | Sphere, start: Place, end: Place) -> str | None:
        unknown = [axis for axis in region.axes if axis not in end]
        if unknown:
            return f"{region.name} names {', '.join(unknown)}, whose position nobody knows; correct the name in the guardian's settings"
        if region.holds(end):
            return f"{_show(end, region.axes)} is inside {region.name}; choose a point outside, or change the guardian's settings"
        if not self._settings.check_path or any(axis not in start for axis in region.axes):
            return None
        if region.is_met(start, end):
            ways = f"from {_show(start, region.axes)} to {_show(end, region.axes)}"
            return f"the way {ways} crosses {region.name}; move there in steps around it, or set check_path: false"
        return None


def _show(place: Place, axes: tuple[str, ...]) -> str:
    return ", ".join(f"{axis} = {place[axis]:g}" for axis in axes)
