"""What the model believed when it decided: rebuilt from the recorded hyperparameters, never fitted again.

Plain numpy: to draw a map takes no torch, and the numbers are those of the exact Gaussian process that decided.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.bayesian.observations import Observations, Outcome, observe
from agents.bayesian.surrogate import Hyperparameters
from agents.encoding import Encoding
from orchestrator.domain.base import Point
from orchestrator.domain.errors import AgentError
from orchestrator.domain.history import History
from orchestrator.domain.records import Evidence

_CHUNK = 512
"""Points predicted at once, so that memory does not grow with the grid."""


@dataclass(frozen=True, slots=True)
class _Surrogate:
    """One objective's Gaussian process, conditioned on what had been scored."""

    outcome: Outcome
    hyperparameters: Hyperparameters
    factor: np.ndarray
    """Lower Cholesky factor of the covariance of the scores, shape (trials, trials)."""
    weights: np.ndarray
    """Inverse covariance times residuals, shape (trials,)."""


class Posterior:
    """Predicts as the model of one decision did."""

    def __init__(self, encoding: Encoding, observations: Observations, surrogates: Sequence[_Surrogate]) -> None:
        self._encoding = encoding
        self._cube = observations.cube
        self._surrogates = surrogates

    def predict(self, points: Sequence[Point]) -> Mapping[str, tuple[np.ndarray, np.ndarray]]:
        """Return mean and sd by objective, in its unit, each of shape (points,); a measurement's own scatter is left out."""
        cube = self._encoding.of_points(points)
        return {each.outcome.objective.name: self._predict(each, cube) for each in self._surrogates}

    def _predict(self, surrogate: _Surrogate, cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        parts = [self._standardised(surrogate, cube[start : start + _CHUNK]) for start in range(0, len(cube), _CHUNK)]
        means, sds = (np.concatenate(part) for part in zip(*parts, strict=True))
        outcome = surrogate.outcome
        return outcome.shift + outcome.sign * outcome.scale * means, outcome.scale * sds

    def _standardised(self, surrogate: _Surrogate, cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        from scipy.linalg import solve_triangular

        hyperparameters = surrogate.hyperparameters
        across = _covariance(cube, self._cube, self._encoding.groups, hyperparameters)
        explained = solve_triangular(surrogate.factor, across.T, lower=True)
        variances = hyperparameters.outputscale - (explained**2).sum(axis=0)
        return hyperparameters.mean + across @ surrogate.weights, np.sqrt(np.maximum(variances, 0.0))


def posterior_of(history: History, evidence: Evidence) -> Posterior:
    """Return the model behind a decision.

    Args:
        history: What the agent was shown before it decided.
        evidence: What it recorded then.

    Raises:
        AgentError: If the evidence holds no model, or the history is another one than the model was built from.
    """
    encoding = Encoding.of(history.space)
    observations = observe(history, encoding)
    records = [_record(evidence.model, outcome.objective.name) for outcome in observations.outcomes]
    for record in records:
        if record["n_train"] != observations.n:
            raise AgentError(f"the model was built from {record['n_train']} scored trials, but this history has {observations.n}")
    surrogates = [_surrogate(observations, each, record, encoding) for each, record in zip(observations.outcomes, records, strict=True)]
    return Posterior(encoding, observations, surrogates)


def _record(model: Mapping[str, Any], objective: str) -> Mapping[str, Any]:
    found = model.get("objectives", {}).get(objective, model)
    if found.get("objective") != objective or "lengthscales" not in found:
        raise AgentError(f"the decision recorded no model of {objective}")
    return found


def _surrogate(observations: Observations, outcome: Outcome, record: Mapping[str, Any], encoding: Encoding) -> _Surrogate:
    from scipy.linalg import cho_solve, cholesky

    hyperparameters = _recorded(record, outcome, encoding)
    stated = np.zeros(observations.n) if outcome.variances is None else outcome.variances
    covariance = _covariance(observations.cube, observations.cube, encoding.groups, hyperparameters)
    factor = cholesky(covariance + np.diag(stated + hyperparameters.noise), lower=True)
    weights = cho_solve((factor, True), outcome.values - hyperparameters.mean)
    return _Surrogate(outcome, hyperparameters, factor, weights)


def _recorded(record: Mapping[str, Any], outcome: Outcome, encoding: Encoding) -> Hyperparameters:
    """Return recorded hyperparameters in the unit cube and in standardised outcome units."""
    return Hyperparameters(
        lengthscales=np.array([record["lengthscales"][name] for name in encoding.space.names]) / encoding.span,
        outputscale=record["outputscale"],
        noise=(record["noise_sd"] / outcome.scale) ** 2,
        mean=outcome.sign * (record["mean"] - outcome.shift) / outcome.scale,
    )


def _covariance(one: np.ndarray, other: np.ndarray, groups: np.ndarray, hyperparameters: Hyperparameters) -> np.ndarray:
    """Return the Matérn-5/2 covariance between points of shapes (a, columns) and (b, columns), shape (a, b)."""
    from scipy.spatial.distance import cdist

    lengthscales = hyperparameters.lengthscales[groups]
    scaled = np.sqrt(5.0) * cdist(one / lengthscales, other / lengthscales)
    return hyperparameters.outputscale * (1.0 + scaled + scaled**2 / 3.0) * np.exp(-scaled)
