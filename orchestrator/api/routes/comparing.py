"""Several campaigns side by side."""

from typing import Annotated

from fastapi import APIRouter, Query

from orchestrator.api.following import Followed
from orchestrator.api.security import allow
from orchestrator.api.services import Given
from orchestrator.api.shown.glance import shown_best
from orchestrator.domain.access import Role
from orchestrator.domain.errors import BadInput
from orchestrator.domain.spec import NAME
from orchestrator.wire.overview import Compared, ComparedCampaign

router = APIRouter(tags=["campaigns"])

_Ids = Annotated[list[Annotated[str, Query(max_length=128, pattern=NAME.replace("63", "127"))]], Query(min_length=1, max_length=10)]
_MOST_POINTS = 20_000


@router.get("/compare", **allow(Role.OBSERVER))
def compare(campaign: _Ids, services: Given) -> Compared:
    """Return up to ten campaigns' best-so-far curves and figures."""
    return Compared(campaigns=tuple(_compared(services.cache.get(each)) for each in campaign))


def _compared(followed: Followed) -> ComparedCampaign:
    state = followed.state
    if not state.objectives:
        raise BadInput(
            f"{followed.campaign} is over samples, and its parts have the curves; compare those: {followed.campaign}~SAMPLE~STAGE"
        )
    objective = state.objectives[0]
    started, ended = state.started_at, state.updated_at
    return ComparedCampaign(
        campaign=followed.campaign,
        name=state.spec.name,
        status=str(state.shown_status),
        agent=state.spec.agent.type,
        seed=state.spec.seed,
        objective=objective.name,
        goal=objective.goal,
        unit=objective.unit,
        n_scored=state.n_scored,
        best=shown_best(state),
        best_so_far=tuple(best.best for best in followed.bests[-_MOST_POINTS:]),
        wall_s=0.0 if started is None or ended is None else (ended - started).total_seconds(),
        exposure_s=state.exposure_s,
        dead_s=None if followed.dead is None else followed.dead.median_s,
    )
