"""Rejects readings that are no finite number, or saturate their detector."""

from collections.abc import Collection
from typing import ClassVar

from orchestrator.domain.campaign import Trial
from orchestrator.domain.protocols import ReviewContext
from orchestrator.domain.records import Answer, Observation, TrialKind, Verdict
from orchestrator.guardians.base import GuardianBase

PATIENCE = 2
"""Rejected attempts after which a person looks at the detector."""


class ReadingGuardian(GuardianBase):
    """Looks at every signal the campaign asks for; the finishing move's and an alignment's are of no interest."""

    name: ClassVar[str] = "reading"

    def inspect(self, trial: Trial, observation: Observation, context: ReviewContext) -> Verdict:
        if trial.kind in (TrialKind.FINISH, TrialKind.ALIGNMENT):
            return self.allow()
        for signal in _looked_at(trial, observation, context):
            reason = _problem(signal, observation, context)
            if reason is not None:
                return self.answer(Answer.HOLD if trial.n_rejected >= PATIENCE else Answer.REMEASURE, reason)
        return self.allow()


def _looked_at(trial: Trial, observation: Observation, context: ReviewContext) -> Collection[str]:
    """Return the campaign's signals; of a routine's own plan, those that it read."""
    if trial.routine and not trial.point:
        return (*observation.readings, *observation.arrays)
    return context.state.spec.measure.signals or context.instrument.signals


def _problem(signal: str, observation: Observation, context: ReviewContext) -> str | None:
    described = context.instrument.signals.get(signal)
    if described is not None and described.kind != "scalar":
        return (
            None
            if signal in observation.arrays or signal in observation.files
            else observation.remarks.get(signal, f"{signal} gave no {described.kind}; check its detector")
        )
    value = observation.readings.get(signal)
    if value is None:
        return observation.remarks.get(signal, f"{signal} gave no finite number; check its detector")
    saturation = None if described is None else described.saturation
    if described is None or saturation is None or value < saturation:
        return None
    shorten = context.state.spec.measure.way_to_shorten
    return f"{signal} = {value:g} {described.unit} saturates at {saturation:g}; {shorten} or attenuate the beam"
