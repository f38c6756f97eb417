"""Why a campaign needs no further trial: the answer is good enough, or the budget is spent. Pure."""

from datetime import datetime

from orchestrator.domain.campaign import CampaignState, first_value


def why_finish(state: CampaignState, now: datetime) -> str | None:
    """Return why no further trial should be suggested, or None."""
    return _why_answered(state) or _why_spent(state, now)


def _why_answered(state: CampaignState) -> str | None:
    rules = state.spec.stop
    if rules.target is not None and state.best_trial is not None:
        best = first_value(state.best_trial, state.objectives)
        if best is not None and not state.objectives[0].is_better(rules.target, best):
            return f"the target {rules.target:g} was reached: {best:g} in trial {state.best}"
    if rules.no_improvement is not None and state.n_since_best >= rules.no_improvement:
        return f"no improvement in {state.n_since_best} trials"
    return None


def _why_spent(state: CampaignState, now: datetime) -> str | None:
    budget = state.spec.budget
    if budget.trials is not None and state.n_counted >= budget.trials:
        return f"all {budget.trials} trials of the budget were measured"
    if state.ends_at is not None and now >= state.ends_at:
        return f"the time was over at {state.ends_at:%Y-%m-%d %H:%M} UTC"
    if budget.exposure is not None and state.exposure_s + state.spec.least_exposure > budget.exposure:
        return f"the exposure budget of {budget.exposure:g} s has no room for another trial: {state.exposure_s:g} s are spent"
    if budget.dose is not None and state.dose >= budget.dose:
        return f"the dose budget of {budget.dose:g} was spent"
    return None
