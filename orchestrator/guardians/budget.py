"""Stops before a trial that would overrun the exposure or dose."""

from typing import ClassVar

from orchestrator.domain.campaign import CampaignState, Trial
from orchestrator.domain.dose import expected_dose
from orchestrator.domain.protocols import ReviewContext
from orchestrator.domain.records import Answer, TrialKind, Verdict
from orchestrator.domain.upkeep import shutter_open_s
from orchestrator.guardians.base import GuardianBase

_ROUNDING = 1e-9
"""Relative slack: ten exposures of 0.1 s are not more than 1 s."""


class BudgetGuardian(GuardianBase):
    """Trials and time are the engine's to count; this one looks ahead. The finishing move is free, else axes would stay astray."""

    name: ClassVar[str] = "budget"

    def review(self, trial: Trial, context: ReviewContext) -> Verdict:
        if trial.kind is TrialKind.FINISH:
            return self.allow()
        exposure_s = shutter_open_s(context.state, trial)
        reason = _exposure_overrun(context.state, exposure_s) or _dose_overrun(context.state, exposure_s)
        return self.answer(Answer.STOP, reason) if reason else self.allow()


def _exposure_overrun(state: CampaignState, exposure_s: float) -> str | None:
    budget, after = state.spec.budget.exposure, state.exposure_s + exposure_s
    if budget is None or after <= budget * (1 + _ROUNDING):
        return None
    way = state.spec.measure.way_to_shorten
    return f"exposure would reach {after:g} s, above the budget of {budget:g} s; raise budget.exposure or {way}"


def _dose_overrun(state: CampaignState, exposure_s: float) -> str | None:
    budget, after = state.spec.budget.dose, state.dose + expected_dose(state, exposure_s)
    if budget is None or (after <= budget * (1 + _ROUNDING) and state.dose < budget):
        return None
    unit = f" {state.instrument.dose_unit}".rstrip()
    way = state.spec.measure.way_to_shorten
    return f"dose would reach {after:g}{unit}, above the budget of {budget:g}{unit}; raise budget.dose or {way}"
