"""Random forests: what their trees expect, and how much they disagree. Imports scikit-learn when the first one grows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.bayesian.observations import Observations

_AUGMENTATION = 0.05
"""Share of the plain weighted sum in the Chebyshev scalarisation (Knowles, IEEE Trans. Evol. Comput. 10, 50 (2006))."""


@dataclass(frozen=True, slots=True)
class Forests:
    """One forest per objective, and what makes a point worth measuring."""

    forests: Sequence[Any]
    weights: np.ndarray
    """Of the objectives, shape (objectives,)."""
    exploration: float
    """How many sds of the trees' answers are hoped for."""

    @property
    def n_trees(self) -> int:
        return len(self.forests[0].estimators_)

    def predict(self, cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return standardised means and sds over the trees at points of shape (points, columns), each (points, objectives)."""
        single = cube.astype(np.float32)
        answers = np.array([[tree.tree_.predict(single)[:, 0] for tree in forest.estimators_] for forest in self.forests])
        return answers.mean(axis=1).T, answers.std(axis=1).T

    def of_cube(self, cube: np.ndarray) -> np.ndarray:
        """Return the upper bound at points of shape (points, columns), shape (points,); several objectives are weighed."""
        means, sds = self.predict(cube)
        hopeful = (means + self.exploration * sds) * self.weights
        return hopeful.min(axis=1) + _AUGMENTATION * hopeful.sum(axis=1) if len(self.weights) > 1 else hopeful[:, 0]

    def importances(self) -> np.ndarray:
        """Return how much each column explains, averaged over the objectives, shape (columns,); they add up to 1 or are 0."""
        return np.mean([forest.feature_importances_ for forest in self.forests], axis=0)


def grow(
    observations: Observations, refused: np.ndarray, rng: np.random.Generator, *, n_trees: int, weights: np.ndarray, exploration: float
) -> Forests:
    """Return forests that count on pending points as they expect them, and on refused points as the worst that was seen.

    Args:
        observations: What to learn from.
        refused: Points that were vetoed or failed, shape (refused, columns).
        rng: Draws the trees.
        n_trees: Of each forest.
        weights: Of the objectives, shape (objectives,).
        exploration: How many sds of the trees' answers are hoped for.
    """
    seed = int(rng.integers(2**31))
    cube = np.vstack([observations.cube, refused])
    outcomes = [np.append(outcome.values, np.full(len(refused), outcome.values.min())) for outcome in observations.outcomes]
    forests = Forests([_fitted(cube, values, n_trees, seed) for values in outcomes], weights, exploration)
    if not len(observations.pending):
        return forests
    expected = forests.predict(observations.pending)[0]
    cube = np.vstack([cube, observations.pending])
    believed = [np.append(values, expected[:, index]) for index, values in enumerate(outcomes)]
    return Forests([_fitted(cube, values, n_trees, seed) for values in believed], weights, exploration)


def _fitted(cube: np.ndarray, values: np.ndarray, n_trees: int, seed: int) -> Any:
    from sklearn.ensemble import RandomForestRegressor

    return RandomForestRegressor(n_estimators=n_trees, random_state=seed, n_jobs=1).fit(cube, values)
