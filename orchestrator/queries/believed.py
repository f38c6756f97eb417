"""What a model believes of the best point: of readings that scatter, the highest is mostly luck."""

from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.space import same_point
from orchestrator.wording.numbers import show_number


def believed_best(state: CampaignState) -> str:
    """Return ``the model believes 46.1 ± 1.2 J there``, or which trial it believes better than the best one.

    Empty without a model, and where the best was measured after the last decision, so that no model has seen it.
    """
    best, deciding = state.best_trial, state.believing_trial
    believed = None if deciding is None else deciding.evidence.believed_best
    if best is None or deciding is None or believed is None or best.number >= deciding.number:
        return ""
    amount = show_number(believed.mean, believed.sd, state.objectives[0].unit)
    if same_point(state.trial(believed.trial).point, best.point):
        return f"the model believes {amount} there"
    return f"the model believes trial {believed.trial} better, {amount}"
