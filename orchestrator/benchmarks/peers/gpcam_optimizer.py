"""gpCAM, step by step as its own ``GPOptimizer.optimize`` does: trained at the start and at its default sizes, ``lcb``.

Bounds of hyperparameters are its default ones, but by the space's ranges instead of the data's, where two points that share a
coordinate make a length scale of zero and the training raises.
"""

# pyright: reportMissingImports=false
# gpCAM come with the extra `peers`, which nothing else needs.

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from agents.rows import constraint_on_rows, point_of, rows_of
from orchestrator.benchmarks.peers.fitting_in import MEMBERS, Untried, has_categories, kept, limits_of, seed_all, upward
from orchestrator.benchmarks.tasks import Goal
from orchestrator.domain.base import Point
from orchestrator.domain.space import Space

POOL = MEMBERS
_TRAIN_AT = (10, 20, 50, 100, 200)
"""The default of ``GPOptimizer.optimize``."""


def refusal(space: Space, objectives: Mapping[str, Goal]) -> str:
    if len(objectives) > 1:
        return "gpCAM wants an acquisition function of one's own for several objectives"
    return "gpCAM wants a kernel of one's own for categories" if has_categories(space) else ""


def make(space: Space, objectives: Mapping[str, Goal], seed: int, reference: tuple[float, float] | None) -> "GpcamOptimizer":
    return GpcamOptimizer(space, objectives, seed)


class GpcamOptimizer:
    """Minimises, as ``optimize`` does; what is to be maximised is turned round."""

    def __init__(self, space: Space, objectives: Mapping[str, Goal], seed: int) -> None:
        warnings.simplefilter("ignore")
        seed_all(seed)
        self._space = space
        [(self._name, goal)] = objectives.items()
        self._sign = -upward(goal)
        self._untried = None if space.candidates is None else Untried(space)
        self._optimizer: Any = None
        self._begun: tuple[list[np.ndarray], list[float]] = ([], [])

    def ask(self) -> Point:
        if self._optimizer is None:
            self._optimizer = self._begun_optimizer()
        found = self._optimizer.ask(self._inputs(), acquisition_function=self.ACQUISITION, constraints=self._constraints())
        return kept(self._space, point_of(self._space, np.asarray(found["x"])[0]))

    def tell(self, point: Point, values: Mapping[str, float]) -> None:
        row, value = rows_of(self._space, [point])[0], self._sign * values[self._name]
        if self._untried is not None:
            self._untried.tried(point)
        if self._optimizer is None:
            self._begun[0].append(row)
            self._begun[1].append(value)
            return
        self._optimizer.tell(row[None], np.array([value]), append=True)
        if self._is_trained_at(len(self._optimizer.x_data)):
            self._train(self._optimizer, **self.TRAINING)

    ACQUISITION = "lcb"
    TRAINING: Mapping[str, Any] = {"method": "global", "max_iter": 20}

    def _is_trained_at(self, n: int) -> bool:
        return n in _TRAIN_AT

    def _begun_optimizer(self) -> Any:
        from gpcam import GPOptimizer

        rows, values = self._begun
        optimizer = GPOptimizer(np.array(rows), np.array(values))
        self._train(optimizer)
        return optimizer

    def _train(self, optimizer: Any, **how: Any) -> None:
        scatter = float(np.var(optimizer.y_data)) or 1.0
        spans = [high - low for low, high in limits_of(self._space).values()]
        optimizer.train(hyperparameter_bounds=np.array([[each / 100.0, each * 10.0] for each in (scatter, *spans)]), **how)

    def _inputs(self) -> Any:
        if self._untried is None:
            return np.array(list(limits_of(self._space).values()))
        return list(rows_of(self._space, self._untried.open_points()))

    def _constraints(self) -> Any:
        from scipy.optimize import LinearConstraint

        found = (constraint_on_rows(self._space, each) for each in self._space.constraints)
        return tuple(LinearConstraint(weights[None], lower, upper) for weights, lower, upper in found)
