"""What the agent's model believed, as of any of its decisions."""

from typing import Annotated

from fastapi import APIRouter, Query

from orchestrator.api.asked import CampaignId
from orchestrator.api.following import Followed
from orchestrator.api.querying.questions import AskSlice, HeldAt
from orchestrator.api.security import allow
from orchestrator.api.services import Given
from orchestrator.api.shown.detail import known_trial
from orchestrator.domain.access import Role
from orchestrator.domain.campaign import CampaignState, Trial
from orchestrator.domain.errors import BadInput, WrongState
from orchestrator.domain.space import Categorical
from orchestrator.domain.spec import NAME
from orchestrator.wire.trials import Posterior

router = APIRouter(prefix="/campaigns/{campaign}", tags=["trials"])

_MOST_POINTS = 3600
_Name = Annotated[str | None, Query(max_length=64, pattern=NAME)]


@router.get("/posterior", **allow(Role.OBSERVER))
def read_posterior(
    campaign: CampaignId,
    services: Given,
    objective: Annotated[_Name, Query(description="By default the first.")] = None,
    x: Annotated[_Name, Query(description="A parameter; by default the first that is a number.")] = None,
    y: Annotated[_Name, Query(description="A second parameter, for a map.")] = None,
    n: Annotated[int, Query(ge=2, le=200, description="Points along each axis, at most 60 for a map.")] = 40,
    trial: Annotated[int | None, Query(ge=1, le=10**9, description="Whose decision; by default the latest with a model.")] = None,
    held_at: Annotated[HeldAt, Query(description="Where parameters that are not drawn stay.")] = "best",
) -> Posterior:
    """Return mean and sd of one objective on a grid, as the model believed when it chose a trial; nothing is fitted again."""
    followed = services.cache.get(campaign)
    decision = _decision(followed, trial)
    axes = _axes(decision, x, y, followed.state)
    if y is not None and n * n > _MOST_POINTS:
        raise BadInput(f"a map of {n} × {n} points is more than the {_MOST_POINTS} that are drawn at once; ask for n = 60 or fewer")
    asked = AskSlice(campaign, decision.number, decision.based_on, _objective(followed.state, objective), *axes, n, held_at)
    return services.queries.slice(asked)


def _decision(followed: Followed, number: int | None) -> Trial:
    """Return the decision that was asked for, or the latest, if it has a model."""
    trials = followed.state.trials
    if number is None:
        found = next((trial for trial in reversed(trials) if trial.evidence.model), None)
        if found is None:
            agent = followed.state.spec.agent.type
            raise WrongState(f"the {agent} agent has recorded no model so far; there is nothing to draw, see the trials instead")
        return found
    trial = known_trial(followed, number)
    if not trial.evidence.model:
        raise WrongState(f"trial {number} was chosen by {trial.agent} without a model; leave trial out for the latest with one")
    return trial


def _objective(state: CampaignState, name: str | None) -> str:
    names = [each.name for each in state.objectives]
    if name is not None and name not in names:
        raise BadInput(f"objective = {name!r} is none of this campaign's: {', '.join(names)}")
    return name or names[0]


def _axes(decision: Trial, x: str | None, y: str | None, state: CampaignState) -> tuple[str, str | None]:
    known = list(decision.point)
    for axis, name in (("x", x), ("y", y)):
        if name is not None and name not in known:
            raise BadInput(f"{axis} = {name!r} was no parameter when trial {decision.number} was chosen; choose from {', '.join(known)}")
    if x is None:
        numbers = [name for name in known if not isinstance(state.spec.space.get(name), Categorical) and name != y]
        if not numbers:
            raise BadInput("every parameter is a choice of names, which have no order to draw along")
        x = numbers[0]
    if x == y:
        raise BadInput(f"x and y are both {x}; name two parameters, or leave y out for a slice")
    return x, y
