"""Limits on what is measured, such as a flux that must not fall below a million counts.

Not to be mistaken for a parameter's own limits, which say what may be set, nor for guardians, which protect: these are what
the search keeps to.
"""

import math
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from pydantic import model_validator

from orchestrator.domain.base import Value
from orchestrator.domain.records import Observation, Score


class Limit(Value):
    """A limit on one measured signal: a scalar of the instrument by its name, or an objective."""

    at_least: float | None = None
    """What is measured there must not be below this, in the signal's unit."""
    at_most: float | None = None
    """What is measured there must not be above this, in the signal's unit."""
    safe: bool = False
    """Whether it must never be broken, not even to learn where that happens: the search then begins at ``safe_start`` and goes
    only where its model is sure of the limit. Otherwise, points that probably break it are passed over."""

    @model_validator(mode="after")
    def _leaves_room(self) -> "Limit":
        if self.at_least is None and self.at_most is None:
            raise ValueError("this limit says neither at_least nor at_most; give one of them, or both")
        if self.at_least is not None and self.at_most is not None and self.at_least >= self.at_most:
            raise ValueError(f"at_least = {self.at_least:g} is not below at_most = {self.at_most:g}, which nothing can keep; swap them")
        return self

    def keeps(self, value: float) -> bool:
        """Return whether a value lies within the limit."""
        return self.excess(value) <= 0.0

    def excess(self, value: float) -> float:
        """Return how far a value lies beyond the limit; negative within it, by how much there is to spare."""
        below = -math.inf if self.at_least is None else self.at_least - value
        above = -math.inf if self.at_most is None else value - self.at_most
        return max(below, above)

    def in_words(self, name: str, unit: str = "") -> str:
        """Return ``flux ≥ 1e+06 counts``, or ``20 ≤ flux ≤ 30``."""
        lower = "" if self.at_least is None else f"{self.at_least:g} ≤ "
        upper = "" if self.at_most is None else f" ≤ {self.at_most:g}"
        shown = f"{name} ≥ {self.at_least:g}" if self.at_most is None else f"{lower}{name}{upper}"
        return f"{shown} {unit}".rstrip()


Limits = Mapping[str, Limit]
"""By the signal's name."""

NO_LIMITS: Limits = MappingProxyType({})


def limited_value(name: str, observation: Observation | None, score: Score | None) -> float | None:
    """Return what was measured of a limited signal; None where it was not, or was not finite."""
    if observation is not None and name in observation.readings:
        return observation.readings[name]
    scored = None if score is None else score.objectives.get(name)
    return None if scored is None else scored.value


def limited_sd(name: str, observation: Observation | None, score: Score | None) -> float | None:
    """Return the standard deviation of what ``limited_value`` returns, where it is known."""
    if observation is not None and name in observation.readings:
        return observation.sds.get(name)
    scored = None if score is None else score.objectives.get(name)
    return None if scored is None else scored.sd


def broken_limits(limits: Limits, observation: Observation | None, score: Score | None) -> Iterator[str]:
    """Yield the names of the limits that a measurement does not keep; one that was not measured is not known to be kept."""
    for name, limit in limits.items():
        value = limited_value(name, observation, score)
        if value is None or not limit.keeps(value):
            yield name


def safe_limits(limits: Limits) -> Limits:
    """Return the limits that must never be broken."""
    return {name: limit for name, limit in limits.items() if limit.safe}
