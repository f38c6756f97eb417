"""Xopt by its generators: expected improvement, MOBO with two objectives. It knows a box only.

The nearest untried member of a pool is taken, and the nearest point that satisfies the constraints.
"""

# pyright: reportMissingImports=false
# Xopt and pandas come with the extra `peers`, which nothing else needs.

import warnings
from collections.abc import Mapping
from typing import Any

from agents.rows import with_proper_types
from orchestrator.benchmarks.peers.fitting_in import BOX_AND_SNAP, Untried, has_categories, kept, limits_of, seed_all
from orchestrator.benchmarks.tasks import Goal
from orchestrator.domain.base import Point
from orchestrator.domain.space import Space

POOL = BOX_AND_SNAP


def refusal(space: Space, objectives: Mapping[str, Goal]) -> str:
    return "Xopt's variables are numbers" if has_categories(space) else ""


def make(space: Space, objectives: Mapping[str, Goal], seed: int, reference: tuple[float, float] | None) -> "XoptGenerator":
    return XoptGenerator(space, objectives, seed, reference)


class XoptGenerator:
    """Data in, one candidate out."""

    def __init__(self, space: Space, objectives: Mapping[str, Goal], seed: int, reference: tuple[float, float] | None) -> None:
        warnings.simplefilter("ignore")
        seed_all(seed)
        self._space = space
        self._untried = None if space.candidates is None else Untried(space)
        self._generator = _generator(space, objectives, reference)

    def ask(self) -> Point:
        [suggested] = self._generator.generate(1)
        wanted = {name: float(suggested[name]) for name in self._space.names}
        if self._untried is not None:
            return self._untried.nearest(wanted)
        return kept(self._space, with_proper_types(self._space, wanted))

    def tell(self, point: Point, values: Mapping[str, float]) -> None:
        import pandas as pd

        self._generator.add_data(pd.DataFrame([{**point, **values}]))
        if self._untried is not None:
            self._untried.tried(point)


def _generator(space: Space, objectives: Mapping[str, Goal], reference: tuple[float, float] | None) -> Any:
    from xopt.generators.bayesian import ExpectedImprovementGenerator, MOBOGenerator
    from xopt.vocs import VOCS

    goals = {name: "MINIMIZE" if goal == "minimise" else "MAXIMIZE" for name, goal in objectives.items()}
    vocs = VOCS(variables={name: list(limits) for name, limits in limits_of(space).items()}, objectives=goals)
    if reference is None:
        return ExpectedImprovementGenerator(vocs=vocs)
    return MOBOGenerator(vocs=vocs, reference_point=dict(zip(objectives, reference, strict=True)))
