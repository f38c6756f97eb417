"""What the agent's model believed, as of any of its decisions."""

from typing import Annotated

from fastapi import APIRouter, Query

from orchestrator.api.asked import CampaignId
from orchestrator.api.querying.questions import AskSlice
from orchestrator.api.security import allow
from orchestrator.api.services import Given
from orchestrator.api.shown.detail import known_trial
from orchestrator.domain.access import Role
from orchestrator.domain.spec import NAME
from orchestrator.queries.slices import USUAL_N, HeldAt, slice_of
from orchestrator.wire.trials import Posterior

router = APIRouter(prefix="/campaigns/{campaign}", tags=["trials"])

_Name = Annotated[str | None, Query(max_length=64, pattern=NAME)]


@router.get("/posterior", **allow(Role.OBSERVER))
def read_posterior(
    campaign: CampaignId,
    services: Given,
    objective: Annotated[_Name, Query(description="By default the first.")] = None,
    x: Annotated[_Name, Query(description="A parameter; by default the first that is a number.")] = None,
    y: Annotated[_Name, Query(description="A second parameter, for a map.")] = None,
    n: Annotated[int, Query(ge=2, le=200, description="Points along each axis, at most 60 for a map.")] = USUAL_N,
    trial: Annotated[int | None, Query(ge=1, le=10**9, description="Whose decision; by default the latest with a model.")] = None,
    held_at: Annotated[HeldAt, Query(description="Where parameters that are not drawn stay.")] = "best",
) -> Posterior:
    """Return mean and sd of one objective on a grid, as the model believed when it chose a trial; nothing is fitted again."""
    followed = services.cache.get(campaign)
    number = None if trial is None else known_trial(followed, trial).number
    asked = slice_of(followed.state, trial=number, objective=objective, x=x, y=y, n=n, held_at=held_at)
    return services.queries.slice(AskSlice(campaign, asked))
