"""Everything at a glance, worst first."""

from collections.abc import Sequence
from datetime import datetime

from orchestrator.api.following import Followed
from orchestrator.api.shown.status import estimated_end, shown_best, shown_standing
from orchestrator.queries.instruments import instrument_id
from orchestrator.queries.units import objective_unit
from orchestrator.wire.campaigns import FleetCampaign, Level

WORST_FIRST: tuple[Level, ...] = ("bad", "attention", "waiting", "ok", "done")
_CURVE_POINTS = 60


def shown_in_fleet(followed: Followed, *, has_runner: bool, now: datetime) -> FleetCampaign:
    """Return a campaign's card on the start page."""
    state = followed.state
    objective = state.objectives[0] if state.objectives else None
    return FleetCampaign(
        campaign=followed.campaign,
        name=state.spec.name,
        instrument=state.instrument.identity or state.spec.instrument.type,
        instrument_id=instrument_id(state.instrument.identity, followed.campaign),
        standing=shown_standing(followed, has_runner=has_runner),
        status=str(state.shown_status),
        n_trials=state.n_counted,
        trials_limit=state.spec.budget.trials,
        best=shown_best(state),
        objective="" if objective is None else objective.name,
        unit="" if objective is None else objective_unit(state, objective),
        waiting=state.is_waiting_for_approval,
        updated_at=state.updated_at,
        estimated_end=estimated_end(followed, now),
        best_so_far=curve([best.best for best in followed.bests]),
    )


def curve(values: Sequence[float], n: int = _CURVE_POINTS) -> tuple[float, ...]:
    """Return a curve of at most n values that keeps its first and last."""
    if len(values) <= n:
        return tuple(values)
    return tuple(values[round(index * (len(values) - 1) / (n - 1))] for index in range(n))


def worst_first(campaigns: Sequence[FleetCampaign]) -> tuple[FleetCampaign, ...]:
    """Return campaigns by how much somebody should care, and the latest news first among equals."""

    def rank(each: FleetCampaign) -> tuple[int, float]:
        return WORST_FIRST.index(each.standing.level), -(each.updated_at.timestamp() if each.updated_at else 0.0)

    return tuple(sorted(campaigns, key=rank))
