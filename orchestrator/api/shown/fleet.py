"""Everything at a glance, worst first."""

from collections.abc import Sequence
from datetime import datetime

from orchestrator.api.following import Followed
from orchestrator.api.shown.glance import best_so_far, estimated_end, shown_best, shown_standing
from orchestrator.api.shown.night import shown_night
from orchestrator.queries.instruments import instrument_id
from orchestrator.wire.overview import FleetCampaign
from orchestrator.wire.standing import Level

WORST_FIRST: tuple[Level, ...] = ("bad", "attention", "waiting", "ok", "done")


def shown_in_fleet(followed: Followed, *, has_runner: bool, now: datetime, part: Followed | None = None) -> FleetCampaign:
    """Return a campaign's card on the start page; of one over samples, with what its running part does or waits for."""
    state = followed.state
    objective = state.objectives[0] if state.objectives else None
    return FleetCampaign(
        campaign=followed.campaign,
        name=state.spec.name,
        instrument=state.instrument.identity or state.spec.instrument.type,
        instrument_id=instrument_id(state.instrument.identity, followed.campaign),
        standing=shown_standing(followed, has_runner=has_runner, part=part),
        status=str(state.shown_status),
        n_trials=state.n_counted,
        trials_limit=state.spec.budget.trials,
        best=shown_best(state),
        objective="" if objective is None else objective.name,
        unit="" if objective is None else objective.unit,
        waiting=(part or followed).state.is_waiting_for_approval,
        updated_at=state.updated_at,
        estimated_end=estimated_end(followed, now, part),
        best_so_far=best_so_far(followed),
        night=shown_night(followed, part),
    )


def worst_first(campaigns: Sequence[FleetCampaign]) -> tuple[FleetCampaign, ...]:
    """Return campaigns by how much somebody should care, and the latest news first among equals."""

    def rank(each: FleetCampaign) -> tuple[int, float]:
        return WORST_FIRST.index(each.standing.level), -(each.updated_at.timestamp() if each.updated_at else 0.0)

    return tuple(sorted(campaigns, key=rank))
