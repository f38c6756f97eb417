"""Refuses points outside the campaign's space, or outside what a device can do."""

from typing import ClassVar

from orchestrator.domain.base import Setting
from orchestrator.domain.campaign import Trial
from orchestrator.domain.protocols import ReviewContext
from orchestrator.domain.records import Answer, TrialKind, Verdict
from orchestrator.domain.space import Continuous, Integer, Parameter, problem_with
from orchestrator.guardians.base import GuardianBase


class LimitsGuardian(GuardianBase):
    """Both limits count. The finishing move may leave the space, since parking positions often lie outside it; a routine's
    plan, such as one that takes darks, has no point of the space at all."""

    name: ClassVar[str] = "limits"

    def review(self, trial: Trial, context: ReviewContext) -> Verdict:
        is_free = trial.kind is TrialKind.FINISH or (bool(trial.routine) and not trial.point)
        problems = () if is_free else context.space.problems(trial.point)
        problems = problems or device_problems(trial, context)
        return self.answer(Answer.VETO, "; ".join(problems)) if problems else self.allow()


def device_problems(trial: Trial, context: ReviewContext) -> tuple[str, ...]:
    """Return why the devices cannot go there, one sentence each."""
    found = (_problem(name, value, context) for name, value in trial.point.items())
    return tuple(problem for problem in found if problem is not None)


def _problem(name: str, value: Setting, context: ReviewContext) -> str | None:
    axis = context.instrument.axes.get(name)
    if axis is None:
        return f"{name} is no axis of the instrument; it has {', '.join(context.instrument.axes)}; rename it in space"
    if problem_with(name, axis.parameter, value) is None:
        return None
    unit = f" {axis.parameter.unit}" if axis.parameter.unit else ""
    return f"{name} = {value}{unit} is outside what the device can do, {_reach(axis.parameter)}{unit}; narrow space.{name}"


def _reach(parameter: Parameter) -> str:
    reach = parameter.limits if isinstance(parameter, Continuous | Integer) else parameter.values
    return str(list(reach))
