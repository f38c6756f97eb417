"""A guardian of one's own: no spot of the sample is exposed twice."""

import math
from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from orchestrator.domain.base import Value
from orchestrator.domain.campaign import Trial
from orchestrator.domain.protocols import ReviewContext
from orchestrator.domain.records import Answer, TrialKind, Verdict, where
from orchestrator.guardians.base import GuardianBase, numbers


class FreshSpotSettings(Value):
    """What a spot is."""

    axes: tuple[str, ...] = Field(min_length=1)
    """The axes that choose the spot, all in one unit."""
    distance: float = Field(gt=0)
    """How near counts as the same spot, in the axes' unit."""


class FreshSpotGuardian(GuardianBase):
    """Vetoes a point too near to one that was measured; the agent then suggests another."""

    name: ClassVar[str] = "fresh-spot"
    Settings: ClassVar[type[Value]] = FreshSpotSettings

    def __init__(self, settings: FreshSpotSettings) -> None:
        self._settings = settings

    def review(self, trial: Trial, context: ReviewContext) -> Verdict:
        if trial.kind is TrialKind.FINISH:
            return self.allow()
        for earlier, distance in self._distances(trial, context):
            if distance < self._settings.distance:
                reason = f"{distance:.3g} from trial {earlier}, nearer than {self._settings.distance:g}; choose a spot further away"
                return self.answer(Answer.VETO, reason)
        return self.allow()

    def _distances(self, trial: Trial, context: ReviewContext) -> Iterator[tuple[int, float]]:
        """Yield each measured trial's number and its distance from this one, over the axes that both name."""
        here = numbers(trial.point)
        for earlier in context.state.trials:
            if earlier.observation is None:
                continue
            there = numbers(where(earlier.observation))
            shared = [axis for axis in self._settings.axes if axis in here and axis in there]
            if shared:
                yield earlier.number, math.dist([here[axis] for axis in shared], [there[axis] for axis in shared])
