"""Rejects readings taken where the axes were not supposed to be."""

from typing import ClassVar

from pydantic import Field

from orchestrator.domain.base import Setting, Value
from orchestrator.domain.campaign import Trial
from orchestrator.domain.protocols import ReviewContext
from orchestrator.domain.records import Answer, Observation, Verdict, readback_of
from orchestrator.domain.space import Categorical, Continuous, Integer, Parameter
from orchestrator.guardians.base import GuardianBase, parameter_of, tolerance_of, unit_of

_ROUNDING = 1e-9
"""Relative slack where nothing else says how far is too far."""


class PositionReachedSettings(Value):
    """What to do about axes without a tolerance of their own."""

    default_fraction: float = Field(default=0.01, gt=0, le=1)
    """Their tolerance, as a fraction of the axis's span."""


class PositionReachedGuardian(GuardianBase):
    """One more try, then a person: a motor that misses twice is stuck."""

    name: ClassVar[str] = "position-reached"
    Settings: ClassVar[type[Value]] = PositionReachedSettings

    def __init__(self, settings: PositionReachedSettings) -> None:
        self._settings = settings

    def inspect(self, trial: Trial, observation: Observation, context: ReviewContext) -> Verdict:
        for name, setpoint in observation.setpoint.items():
            reason = self._miss(name, setpoint, readback_of(observation, name), context)
            if reason is not None:
                return self.answer(Answer.HOLD if trial.n_rejected >= 1 else Answer.REMEASURE, reason)
        return self.allow()

    def _miss(self, name: str, setpoint: Setting, readback: Setting, context: ReviewContext) -> str | None:
        if isinstance(setpoint, str) or isinstance(readback, str):
            return None if setpoint == readback else f"{name} reads back {readback!r} but was set to {setpoint!r}; check the device"
        tolerance = self._tolerance(name, setpoint, context)
        if abs(readback - setpoint) <= tolerance * (1 + _ROUNDING):
            return None
        unit = unit_of(name, context)
        reason = f"{name} reads back {readback:g}{unit} but was set to {setpoint:g}{unit}, further off than {tolerance:g}{unit}"
        return f"{reason}; check the device or widen space.{name}.tolerance"

    def _tolerance(self, name: str, setpoint: float, context: ReviewContext) -> float:
        given = tolerance_of(name, context)
        if given is not None:
            return given
        return max(self._settings.default_fraction * _span(parameter_of(name, context)), _ROUNDING * max(1.0, abs(setpoint)))


def _span(parameter: Parameter | None) -> float:
    if parameter is None or isinstance(parameter, Categorical):
        return 0.0
    low, high = parameter.limits if isinstance(parameter, Continuous | Integer) else (parameter.values[0], parameter.values[-1])
    return high - low
