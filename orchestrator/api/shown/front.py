"""The Pareto front: the few trials of several objectives that a person has to choose from."""

from orchestrator.domain.campaign import CampaignState, Trial, first_value
from orchestrator.domain.records import ObjectiveScore
from orchestrator.queries import pareto_front
from orchestrator.wire.standing import Front, FrontTrial

_MOST = 10


def shown_front(state: CampaignState, numbers: tuple[int, ...] | None = None) -> Front | None:
    """Return the front, the best by the first objective first; None where there is one objective, which has a best point instead.

    Args:
        state: The campaign.
        numbers: The trials on its front, where they are known already.
    """
    if len(state.objectives) < 2:
        return None
    if numbers is None:
        numbers = pareto_front(state.trials, state.objectives, state.spec.limits)
    is_maximised = state.objectives[0].goal == "maximise"
    ordered = sorted(map(state.trial, numbers), key=lambda trial: first_value(trial, state.objectives) or 0.0, reverse=is_maximised)
    return Front(n=len(ordered), trials=tuple(map(_shown, _spread(ordered))))


def _spread(trials: list[Trial]) -> list[Trial]:
    """Return at most ten: both ends, and evenly many left out between them."""
    if len(trials) <= _MOST:
        return trials
    return [trials[round(index * (len(trials) - 1) / (_MOST - 1))] for index in range(_MOST)]


def _shown(trial: Trial) -> FrontTrial:
    objectives = {} if trial.score is None else trial.score.objectives
    scores = {name: ObjectiveScore(value=score.value, sd=score.sd) for name, score in objectives.items()}
    return FrontTrial(trial=trial.number, point=trial.point, scores=scores)
