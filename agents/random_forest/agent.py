"""The agent: it takes the point of which the trees hope most.

Source: Liang et al., npj Computational Materials 7, 188 (2021), where it did best on most of five measured data sets.
"""

from dataclasses import replace
from typing import ClassVar

import numpy as np
from pydantic import Field

from agents.bayesian.observations import Observations, observe
from agents.bayesian.search import ALTERNATIVES_APART, Ranked, around, ascend, best_of, distinct
from agents.encoding import Encoding
from agents.feasible import draw
from agents.listing import points_left
from agents.past import new_among, refused_points
from agents.random import random_point
from agents.random_forest.forest import Forests, grow
from agents.rows import point_of, with_proper_types
from agents.start import opening
from agents.straight import straightened
from agents.telling import expectations, predictions, runners_up
from orchestrator.domain.base import Value
from orchestrator.domain.history import History
from orchestrator.domain.records import Acquisition, Evidence, Suggestion

_N_NEAR = 8
"""Measured points around which more are looked at, where the space is too large to list."""
_N_DRAWN = 512
_N_LOCAL = 128
_N_KEPT = 16
_N_STARTS = 4


class RandomForestAgent:
    """Takes the point with the highest mean + λ·sd over the trees. Several objectives: a random weighing each time."""

    loads: ClassVar[tuple[str, ...]] = ("sklearn.ensemble", "scipy.stats.qmc")

    class Settings(Value):
        exploration: float = Field(default=1.0, ge=0)
        """λ: how many sds of the trees' answers are hoped for; the source's own code takes 1."""
        trees: int = Field(default=100, ge=2, le=10_000)
        """Of each forest."""
        n_initial: int | None = Field(default=None, ge=1)
        """Points before the forest decides; by default two per parameter, at least 5, at most 10."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def ask(self, history: History) -> Suggestion:
        return opening(history, self.settings.n_initial) or self._decide(history)

    def prepare(self, history: History) -> None:
        """Load the library while the instrument measures; what ``ask`` returns does not depend on it."""
        import sklearn.ensemble  # noqa: F401

    def _decide(self, history: History) -> Suggestion:
        encoding = Encoding.of(history.space)
        observations = straightened(observe(history, encoding))
        rng = history.rng()
        n_objectives = len(history.objectives)
        forests = grow(
            observations,
            encoding.of_points(refused_points(history)),
            rng,
            n_trees=self.settings.trees,
            weights=rng.dirichlet(np.ones(n_objectives)) if n_objectives > 1 else np.ones(1),
            exploration=self.settings.exploration,
        )
        ranked = _ranked(history, encoding, observations, forests, rng)
        return Suggestion(
            point=with_proper_types(history.space, ranked.points[0]), evidence=_evidence(encoding, observations, forests, ranked)
        )


def _ranked(history: History, encoding: Encoding, observations: Observations, forests: Forests, rng: np.random.Generator) -> Ranked:
    left = points_left(history)
    if left is not None:
        return best_of(encoding, left, forests)
    found = [point_of(history.space, row) for row in _promising_rows(encoding, observations, forests, rng)]
    fresh = [point for point in new_among(history, found) if history.space.contains(point)]
    return best_of(encoding, fresh or [random_point(history, rng)], forests, apart=ALTERNATIVES_APART)


def _promising_rows(encoding: Encoding, observations: Observations, forests: Forests, rng: np.random.Generator) -> np.ndarray:
    """Return rows from everywhere and from around the best measured points, shape (rows, parameters).

    Discrete parameters of the best of them step to better values. A forest has steps and no gradient that could be climbed.
    """
    near = observations.cube[distinct(observations.cube, forests.of_cube(observations.cube), _N_NEAR, ALTERNATIVES_APART)]
    rows = np.vstack([draw(encoding.space, rng, _N_DRAWN), around(encoding, near, _N_LOCAL, rng)])
    cube = encoding.of_rows(rows)
    best = rows[distinct(cube, forests.of_cube(cube), _N_KEPT, ALTERNATIVES_APART)]
    return np.vstack([ascend(encoding, forests, lambda starts: starts, best[:_N_STARTS]), best])


def _evidence(encoding: Encoding, observations: Observations, forests: Forests, ranked: Ranked) -> Evidence:
    outcomes = observations.outcomes
    means, sds = forests.predict(ranked.cube)
    predicted = predictions(outcomes, means, sds)
    scaling, importances = outcomes[0].scaling, forests.importances()
    is_alone = len(outcomes) == 1
    judged = replace(ranked, values=scaling.in_unit(ranked.values)) if is_alone else ranked
    parts = {"exploit": scaling.spread * float(means[0, 0]), "explore": forests.exploration * scaling.spread * float(sds[0, 0])}
    return Evidence(
        reason=f"expected {expectations(outcomes, predicted[0])}, by {forests.n_trees} trees",
        predicted=predicted[0],
        acquisition=Acquisition(
            name=f"hopeful guess (mean and {forests.exploration:g} sd)",
            value=float(judged.values[0]),
            unit=outcomes[0].objective.unit if is_alone else "",
            parts=parts if is_alone else {},
        ),
        runners_up=runners_up(encoding.space, judged, predicted),
        model={
            "objective": outcomes[0].objective.name,
            "n_train": observations.n,
            "weights": [float(weight) for weight in forests.weights],
            "importances": {name: float(importances[encoding.groups == index].sum()) for index, name in enumerate(encoding.space.names)},
        },
    )
