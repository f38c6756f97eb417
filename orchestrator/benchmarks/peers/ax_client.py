"""Ax by its Client, as in its tutorials. A pool's ordinal axes are ordered choices; the nearest untried member is taken."""

# pyright: reportMissingImports=false
# Ax come with the extra `peers`, which nothing else needs.

import logging
from collections.abc import Mapping
from typing import Any

from orchestrator.benchmarks.peers.fitting_in import BOX_AND_SNAP, Untried, kept, limits_of, seed_all, with_real_numbers
from orchestrator.benchmarks.tasks import Goal
from orchestrator.domain.base import Point
from orchestrator.domain.space import Categorical, Continuous, Integer, LinearConstraint, Ordinal, Space

POOL = BOX_AND_SNAP


def refusal(space: Space, objectives: Mapping[str, Goal]) -> str:
    return ""


def make(space: Space, objectives: Mapping[str, Goal], seed: int, reference: tuple[float, float] | None) -> "AxClient":
    return AxClient(space, objectives, seed)


class AxClient:
    """Points that are told without having been asked for are attached, as Ax's tutorials do with data of one's own."""

    def __init__(self, space: Space, objectives: Mapping[str, Goal], seed: int) -> None:
        from ax.api.client import Client

        logging.disable(logging.WARNING)
        seed_all(seed)
        self._space, self._objectives = space, tuple(objectives)
        self._untried = None if space.candidates is None else Untried(space)
        self._client = Client(random_seed=seed)
        constraints = [text for constraint in space.constraints for text in written(constraint)]
        self._client.configure_experiment(parameters=configured(space), parameter_constraints=constraints)
        self._client.configure_optimization(objective=", ".join(_signed(name, goal) for name, goal in objectives.items()))
        self._asked: tuple[int, Point] | None = None

    def ask(self) -> Point:
        [(index, suggested)] = self._client.get_next_trials(max_trials=1).items()
        point = kept(self._space, suggested) if self._untried is None else self._untried.nearest(suggested)
        if all(point[name] == suggested[name] for name in point):
            self._asked = index, point
        else:
            self._client.mark_trial_abandoned(index)
        return point

    def tell(self, point: Point, values: Mapping[str, float]) -> None:
        asked, self._asked = self._asked, None
        index = asked[0] if asked is not None and asked[1] == point else self._client.attach_trial(with_real_numbers(self._space, point))
        self._client.complete_trial(index, raw_data={name: values[name] for name in self._objectives})
        if self._untried is not None:
            self._untried.tried(point)


def configured(space: Space) -> list[Any]:
    """Return a space as Ax's parameter configurations."""
    from ax.api.configs import ChoiceParameterConfig, RangeParameterConfig

    limits = limits_of(space)
    made: list[Any] = []
    for name, parameter in space.parameters.items():
        match parameter:
            case Continuous():
                made.append(RangeParameterConfig(name=name, bounds=limits[name], parameter_type="float"))
            case Integer():
                low, high = (int(limit) for limit in limits[name])
                made.append(RangeParameterConfig(name=name, bounds=(low, high), parameter_type="int"))
            case Ordinal():
                values = [float(value) for value in parameter.values]
                made.append(ChoiceParameterConfig(name=name, values=values, parameter_type="float", is_ordered=True))
            case Categorical():
                made.append(ChoiceParameterConfig(name=name, values=list(parameter.values), parameter_type="str", is_ordered=False))
    return made


def written(constraint: LinearConstraint) -> list[str]:
    """Return a constraint as inequalities in words."""
    total = " + ".join(f"{weight:g} * {name}" for name, weight in constraint.weights.items())
    above = [] if constraint.lower is None else [f"{total} >= {constraint.lower:g}"]
    below = [] if constraint.upper is None else [f"{total} <= {constraint.upper:g}"]
    return above + below


def _signed(name: str, goal: Goal) -> str:
    return name if goal == "maximise" else f"-{name}"
