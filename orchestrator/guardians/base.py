"""What guardians share: a name, verdicts, and allowing whatever they have no opinion on."""

from collections.abc import Mapping
from typing import ClassVar

from orchestrator.domain.base import Setting, Value
from orchestrator.domain.campaign import Trial
from orchestrator.domain.protocols import ReviewContext
from orchestrator.domain.records import Answer, Observation, Verdict
from orchestrator.domain.space import Parameter


class NoSettings(Value):
    """Nothing to set."""


class GuardianBase:
    """Allows everything; a guardian overrides what it watches."""

    name: ClassVar[str]
    Settings: ClassVar[type[Value]] = NoSettings

    def __init__(self, settings: Value) -> None:
        """Guardians without settings keep none."""

    def review(self, trial: Trial, context: ReviewContext) -> Verdict:
        return self.allow()

    def inspect(self, trial: Trial, observation: Observation, context: ReviewContext) -> Verdict:
        return self.allow()

    def allow(self) -> Verdict:
        return Verdict(guardian=self.name, answer=Answer.ALLOW)

    def answer(self, answer: Answer, reason: str) -> Verdict:
        return Verdict(guardian=self.name, answer=answer, reason=reason)


def parameter_of(name: str, context: ReviewContext) -> Parameter | None:
    """Return the campaign's parameter of that name, else the device's own; None when neither knows it."""
    if name in context.space.parameters:
        return context.space.parameters[name]
    axis = context.instrument.axes.get(name)
    return None if axis is None else axis.parameter


def tolerance_of(name: str, context: ReviewContext) -> float | None:
    """Return how far an axis may be off: the campaign's tolerance, else the device's own, else None."""
    axis = context.instrument.axes.get(name)
    candidates = (context.space.parameters.get(name), None if axis is None else axis.parameter)
    return next((parameter.tolerance for parameter in candidates if parameter is not None and parameter.tolerance is not None), None)


def unit_of(name: str, context: ReviewContext) -> str:
    """Return an axis's unit with a space before it, or nothing."""
    parameter = parameter_of(name, context)
    return f" {parameter.unit}" if parameter is not None and parameter.unit else ""


def numbers(settings: Mapping[str, Setting]) -> dict[str, float]:
    """Return the numeric settings."""
    return {name: float(value) for name, value in settings.items() if not isinstance(value, str)}


def known_positions(context: ReviewContext) -> Mapping[str, Setting]:
    """Return where the axes are: as read now, else as last recorded, else nothing."""
    return {**(context.state.last_positions or {}), **context.positions}
