"""A model's belief along one or two parameters, all others held still."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from orchestrator.domain.base import Point
from orchestrator.domain.campaign import CampaignState, Trial
from orchestrator.domain.errors import BadInput, WrongState
from orchestrator.domain.protocols import Beliefs
from orchestrator.domain.records import Evidence
from orchestrator.domain.space import Categorical, Continuous, Integer, Space, is_logarithmic
from orchestrator.wire.trials import Posterior

HeldAt = Literal["best", "suggested"]
"""Where parameters that are not drawn are held: at the best point then, or at the one that was suggested."""
USUAL_N = 40
"""Points along each axis."""
_MOST_POINTS = 3600


@dataclass(frozen=True, slots=True)
class Slice:
    """Of which decision's model, and where to look at it."""

    trial: int
    based_on: int
    """The ledger sequence number up to which the agent had been shown the campaign."""
    objective: str
    x: str
    y: str | None
    n: int
    """Points along each axis."""
    held_at: HeldAt


def slice_of(
    state: CampaignState,
    *,
    trial: int | None = None,
    objective: str | None = None,
    x: str | None = None,
    y: str | None = None,
    n: int = USUAL_N,
    held_at: HeldAt = "best",
) -> Slice:
    """Return what is to be looked at, with everything that was not said filled in.

    Args:
        state: The campaign.
        trial: Whose decision, one of the campaign's; by default the latest with a model.
        objective: By default the first.
        x: By default the first parameter that is a number.
        y: A second one, for a map.
        n: Points along each axis.
        held_at: Where the other parameters stay.

    Raises:
        BadInput: If the campaign has no such objective or parameter, or a map would be too fine.
        WrongState: If the decision has no model.
    """
    decision = _decision(state, trial)
    axes = _axes(state, decision, x, y)
    if y is not None and n * n > _MOST_POINTS:
        raise BadInput(f"a map of {n} × {n} points is more than the {_MOST_POINTS} that are drawn at once; ask for n = 60 or fewer")
    return Slice(decision.number, decision.based_on, _objective(state, objective), *axes, n, held_at)


def latest_with_model(state: CampaignState) -> Trial | None:
    """Return the latest decision that a model made; None where none has made any."""
    return next((trial for trial in reversed(state.trials) if trial.evidence.model), None)


def _decision(state: CampaignState, number: int | None) -> Trial:
    """Return the decision that was asked for, or the latest, if it has a model."""
    if number is None:
        found = latest_with_model(state)
        if found is None:
            raise WrongState(
                f"the {state.spec.agent.type} agent has recorded no model so far; there is nothing to draw, see the trials instead"
            )
        return found
    trial = state.trial(number)
    if not trial.evidence.model:
        raise WrongState(f"trial {number} was chosen by {trial.agent} without a model; leave trial out for the latest with one")
    return trial


def _objective(state: CampaignState, name: str | None) -> str:
    names = [each.name for each in state.objectives]
    if name is not None and name not in names:
        raise BadInput(f"objective = {name!r} is none of this campaign's: {', '.join(names)}")
    return name or names[0]


def _axes(state: CampaignState, decision: Trial, x: str | None, y: str | None) -> tuple[str, str | None]:
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


def sliced(asked: Slice, beliefs: Beliefs, space: Space, before: CampaignState, suggested: Point, evidence: Evidence) -> Posterior:
    """Return means and sds on a grid.

    Args:
        asked: Which axes, and how fine.
        beliefs: The model behind the decision.
        space: In which it decided.
        before: The campaign as the agent had been shown it.
        suggested: What it suggested.
        evidence: What it recorded of its model.
    """
    objective = next(each for each in before.objectives if each.name == asked.objective)
    held = _held(asked, before, suggested)
    x = _along(space, asked.x, asked.n)
    y = () if asked.y is None else _along(space, asked.y, asked.n)
    mean, sd = beliefs.predict(_grid(asked, held, x, y))[asked.objective]
    return Posterior(
        objective=asked.objective,
        unit=objective.unit,
        trial=asked.trial,
        seq=asked.based_on,
        x_name=asked.x,
        x=x,
        y_name=asked.y,
        y=y,
        mean=tuple(mean.tolist()),
        sd=tuple(sd.tolist()),
        others={name: value for name, value in held.items() if name not in (asked.x, asked.y)},
        model=evidence.model,
    )


def _held(asked: Slice, before: CampaignState, suggested: Point) -> Point:
    """Return where the other parameters stay; the best point of an older space does not say."""
    best = before.best_trial
    is_wanted = asked.held_at == "best" and best is not None and best.point.keys() == suggested.keys()
    return best.point if is_wanted and best is not None else suggested


def _along(space: Space, name: str, n: int) -> tuple[float, ...]:
    """Return at most n values over one parameter's whole range."""
    parameter = space.parameters[name]
    match parameter:
        case Continuous(limits=(low, high)):
            values = np.geomspace(low, high, n) if is_logarithmic(parameter) else np.linspace(low, high, n)
        case Integer(limits=(low, high)):
            values = np.unique(np.linspace(low, high, n).round())
        case Categorical():
            raise BadInput(f"{name} is a choice of names, {', '.join(parameter.values)}, which have no order; draw a number instead")
        case _:
            known = np.asarray(parameter.values, dtype=float)
            values = known[np.unique(np.linspace(0, len(known) - 1, n).round().astype(int))]
    return tuple(values.tolist())


def _grid(asked: Slice, held: Point, x: Sequence[float], y: Sequence[float]) -> list[Point]:
    """Return the grid's points, row by row of y."""
    if asked.y is None:
        return [{**held, asked.x: value} for value in x]
    return [{**held, asked.x: value, asked.y: other} for other in y for value in x]
