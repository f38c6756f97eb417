"""A campaign over samples at a glance: how far it is, and what its present part does."""

from orchestrator.api.following import Followed
from orchestrator.api.shown.glance import best_so_far, shown_best, shown_standing
from orchestrator.queries.night import night_figures
from orchestrator.wire.night import NightShown, PartShown


def shown_night(followed: Followed, part: Followed | None) -> NightShown | None:
    """Return how far a campaign over samples is; None for any other.

    Args:
        followed: The campaign.
        part: Its running part, if one runs.
    """
    figures = night_figures(followed.state)
    if figures is None:
        return None
    counts = {
        name: getattr(figures, name) for name in ("n_samples", "n_through", "n_skipped", "n_parts", "n_ended", "n_failed", "sentence")
    }
    return NightShown(**counts, part=None if part is None else _shown_part(followed, part))


def _shown_part(followed: Followed, part: Followed) -> PartShown | None:
    running, state = followed.state.parts.running, part.state
    if running is None:
        return None
    objective = state.objectives[0] if state.objectives else None
    return PartShown(
        part=running.id,
        sample=running.sample,
        stage=running.stage,
        standing=shown_standing(part, has_runner=True),
        agent=state.spec.agent.type,
        objective="" if objective is None else objective.name,
        unit="" if objective is None else objective.unit,
        best=shown_best(state),
        best_so_far=best_so_far(part),
        n_trials=state.n_counted,
        trials_limit=state.spec.budget.trials,
    )
