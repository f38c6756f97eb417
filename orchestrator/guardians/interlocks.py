"""Rejects readings during which an interlock was lost, however briefly."""

from typing import ClassVar

from orchestrator.domain.campaign import Trial
from orchestrator.domain.protocols import ReviewContext
from orchestrator.domain.records import Answer, Breach, Observation, TrialKind, Verdict
from orchestrator.guardians.base import GuardianBase


class InterlockGuardian(GuardianBase):
    """Any breach contaminates the attempt. The finishing move is scored by nobody and need not be repeated."""

    name: ClassVar[str] = "interlocks"

    def inspect(self, trial: Trial, observation: Observation, context: ReviewContext) -> Verdict:
        breaches = [breach for breach in observation.breaches if _spoils(breach, context)]
        if not breaches or trial.kind is TrialKind.FINISH:
            return self.allow()
        told = "; ".join(_show(breach, context) for breach in breaches)
        return self.answer(Answer.REMEASURE, f"{told}; measured again once it holds")


def _spoils(breach: Breach, context: ReviewContext) -> bool:
    described = context.instrument.interlocks.get(breach.interlock)
    return described is None or described.spoils


def _show(breach: Breach, context: ReviewContext) -> str:
    return f"interlock {breach.interlock} {_said(breach, context)} at {breach.at:%H:%M:%S.%f} UTC"


def _said(breach: Breach, context: ReviewContext) -> str:
    """Return what was wrong: without a value, such as for a latched trip counter, the detail says all there is."""
    if breach.value is None:
        return f"was lost ({breach.detail})" if breach.detail else "was unreadable"
    interlock = context.instrument.interlocks.get(breach.interlock)
    unit = f" {interlock.unit}" if interlock is not None and interlock.unit else ""
    limit = f", below {interlock.lower:g}{unit}" if interlock is not None and interlock.lower is not None else ""
    value = breach.value if isinstance(breach.value, str) else f"{breach.value:g}"
    detail = f" ({breach.detail})" if breach.detail else ""
    return f"was {value}{unit}{limit}{detail}"
