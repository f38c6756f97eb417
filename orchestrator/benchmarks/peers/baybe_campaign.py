"""BayBE by its Campaign, with the recommender it chooses itself. Pools are search spaces from a data frame."""

# pyright: reportMissingImports=false
# BayBE and pandas come with the extra `peers`, which nothing else needs.

import warnings
from collections.abc import Mapping
from typing import Any

from agents.rows import with_proper_types
from orchestrator.benchmarks.peers.fitting_in import MEMBERS, kept, limits_of, seed_all
from orchestrator.benchmarks.tasks import Goal
from orchestrator.domain.base import Point
from orchestrator.domain.space import Categorical, Integer, Ordinal, Parameter, Space

POOL = MEMBERS


def refusal(space: Space, objectives: Mapping[str, Goal]) -> str:
    return ""


def make(space: Space, objectives: Mapping[str, Goal], seed: int, reference: tuple[float, float] | None) -> "BaybeCampaign":
    return BaybeCampaign(space, objectives, seed)


class BaybeCampaign:
    """Recommend one, add its measurement."""

    def __init__(self, space: Space, objectives: Mapping[str, Goal], seed: int) -> None:
        from baybe import Campaign
        from baybe.objectives import ParetoObjective, SingleTargetObjective
        from baybe.targets import NumericalTarget

        warnings.simplefilter("ignore")
        seed_all(seed)
        self._space = space
        targets = [NumericalTarget(name=name, minimize=goal == "minimise") for name, goal in objectives.items()]
        objective = SingleTargetObjective(targets[0]) if len(targets) == 1 else ParetoObjective(targets)
        self._campaign = Campaign(_searchspace(space), objective)

    def ask(self) -> Point:
        row = self._campaign.recommend(batch_size=1).iloc[0]
        point = with_proper_types(self._space, {name: row[name] for name in self._space.names})
        return point if self._space.candidates is not None else kept(self._space, point)

    def tell(self, point: Point, values: Mapping[str, float]) -> None:
        import pandas as pd

        self._campaign.add_measurements(pd.DataFrame([{**point, **values}]))


def _searchspace(space: Space) -> Any:
    import pandas as pd
    from baybe.constraints import ContinuousLinearConstraint
    from baybe.parameters import NumericalDiscreteParameter
    from baybe.searchspace import SearchSpace

    if space.candidates is not None:
        frame = pd.DataFrame([dict(candidate) for candidate in space.candidates])
        parameters = [NumericalDiscreteParameter(name=name, values=sorted(set(frame[name].astype(float)))) for name in space.names]
        return SearchSpace.from_dataframe(frame[list(space.names)].astype(float), parameters)
    limits = limits_of(space)
    constraints = [
        ContinuousLinearConstraint(parameters=list(each.weights), operator=sign, coefficients=list(each.weights.values()), rhs=bound)
        for each in space.constraints
        for sign, bound in ((">=", each.lower), ("<=", each.upper))
        if bound is not None
    ]
    made = [_parameter(name, parameter, limits[name]) for name, parameter in space.parameters.items()]
    return SearchSpace.from_product(made, constraints)


def _parameter(name: str, parameter: Parameter, limits: tuple[float, float]) -> Any:
    from baybe.parameters import CategoricalParameter, NumericalContinuousParameter, NumericalDiscreteParameter

    match parameter:
        case Categorical():
            return CategoricalParameter(name=name, values=parameter.values, encoding="OHE")
        case Integer():
            low, high = parameter.limits
            return NumericalDiscreteParameter(name=name, values=range(low, high + 1))
        case Ordinal():
            return NumericalDiscreteParameter(name=name, values=parameter.values)
        case _:
            return NumericalContinuousParameter(name=name, bounds=limits)
