"""A model's belief along one or two parameters, all others held still."""

from collections.abc import Sequence

import numpy as np

from orchestrator.api.querying.questions import AskSlice
from orchestrator.domain.base import Point
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.errors import BadInput
from orchestrator.domain.protocols import Beliefs
from orchestrator.domain.records import Evidence
from orchestrator.domain.space import Categorical, Continuous, Integer, Space, is_logarithmic
from orchestrator.wire.trials import Posterior


def sliced(asked: AskSlice, beliefs: Beliefs, space: Space, before: CampaignState, suggested: Point, evidence: Evidence) -> Posterior:
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


def _held(asked: AskSlice, before: CampaignState, suggested: Point) -> Point:
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


def _grid(asked: AskSlice, held: Point, x: Sequence[float], y: Sequence[float]) -> list[Point]:
    """Return the grid's points, row by row of y."""
    if asked.y is None:
        return [{**held, asked.x: value} for value in x]
    return [{**held, asked.x: value, asked.y: other} for other in y for value in x]
