"""blop's Ax agent by ``suggest`` and ``ingest``, without a RunEngine. The nearest untried member of a pool is taken."""

# pyright: reportMissingImports=false
# blop come with the extra `peers`, which nothing else needs.

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from orchestrator.benchmarks.peers.ax_client import written
from orchestrator.benchmarks.peers.fitting_in import BOX_AND_SNAP, Untried, kept, limits_of, seed_all, with_real_numbers
from orchestrator.benchmarks.tasks import Goal
from orchestrator.domain.base import Point
from orchestrator.domain.space import Categorical, Integer, Ordinal, Space

POOL = BOX_AND_SNAP


def refusal(space: Space, objectives: Mapping[str, Goal]) -> str:
    return ""


def make(space: Space, objectives: Mapping[str, Goal], seed: int, reference: tuple[float, float] | None) -> "BlopAgent":
    return BlopAgent(space, objectives, seed)


class BlopAgent:
    """An agent whose evaluation function is never called: readings come by ``tell``."""

    def __init__(self, space: Space, objectives: Mapping[str, Goal], seed: int) -> None:
        from blop.ax import Agent, Objective
        from blop.ax.dof import DOFConstraint

        logging.disable(logging.WARNING)
        seed_all(seed)
        dofs = _dofs(space)
        texts = [text for constraint in space.constraints for text in written(constraint)]
        self._agent = Agent(
            sensors=[],
            dofs=list(dofs.values()),
            objectives=[Objective(name=name, minimize=goal == "minimise") for name, goal in objectives.items()],
            evaluation_function=_never,
            dof_constraints=[DOFConstraint(text, **dofs) for text in texts] or None,
        )
        self._space, self._untried = space, None if space.candidates is None else Untried(space)
        self._asked: tuple[Any, Point] | None = None

    def ask(self) -> Point:
        [suggested] = self._agent.suggest(1)
        wanted = {name: value for name, value in suggested.items() if name != "_id"}
        point = kept(self._space, wanted) if self._untried is None else self._untried.nearest(wanted)
        if all(point[name] == wanted[name] for name in point):
            self._asked = suggested["_id"], point
        else:
            self._agent.ax_client.mark_trial_abandoned(suggested["_id"])
        return point

    def tell(self, point: Point, values: Mapping[str, float]) -> None:
        asked, self._asked = self._asked, None
        known = {"_id": asked[0]} if asked is not None and asked[1] == point else {}
        self._agent.ingest([{**known, **with_real_numbers(self._space, point), **values}])
        if self._untried is not None:
            self._untried.tried(point)


def _dofs(space: Space) -> dict[str, Any]:
    from blop.ax.dof import ChoiceDOF, RangeDOF

    limits = limits_of(space)
    made: dict[str, Any] = {}
    for name, parameter in space.parameters.items():
        match parameter:
            case Categorical():
                made[name] = ChoiceDOF(name=name, values=list(parameter.values), parameter_type="str", is_ordered=False)
            case Ordinal():
                values = [float(value) for value in parameter.values]
                made[name] = ChoiceDOF(name=name, values=values, parameter_type="float", is_ordered=True)
            case Integer():
                low, high = (int(limit) for limit in limits[name])
                made[name] = RangeDOF(name=name, bounds=(low, high), parameter_type="int")
            case _:
                made[name] = RangeDOF(name=name, bounds=limits[name], parameter_type="float")
    return made


def _never(uid: Any, suggestions: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    raise NotImplementedError("readings are told")
