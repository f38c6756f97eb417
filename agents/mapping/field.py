"""The map as the agent believes it: a Gaussian process whose amplitude varies from place to place.

A reading is m + a(x)·(h(x) + ε) with h stationary and a² the local amplitude: what is finer than the points' distance
passes for noise, and is as uneven as the rest. With m and a taken away, an ordinary process does everything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from agents.bayesian.fitting import recalled, record_of
from agents.bayesian.observations import Observations, Outcome, observe
from agents.bayesian.process import Process, condition
from agents.bayesian.surrogate import Hyperparameters, Problem, with_mean
from agents.encoding import Encoding
from agents.mapping.amplitude import Amplitude, amplitude_of
from orchestrator.domain.base import Point
from orchestrator.domain.errors import AgentError
from orchestrator.domain.history import History
from orchestrator.domain.records import Evidence


@dataclass(frozen=True, slots=True)
class Field:
    """One objective's map; numbers are standardised."""

    outcome: Outcome
    hyperparameters: Hyperparameters
    amplitude: Amplitude
    process: Process
    """Of h: what is left when mean and amplitude are taken away."""

    def noise(self, cube: np.ndarray) -> np.ndarray:
        """Return the variance of a reading around the signal at places, the median where scores state their own."""
        stated = 0.0 if self.outcome.variances is None else float(np.median(self.outcome.variances))
        return stated + self.hyperparameters.noise * self.amplitude.of(cube)

    def predict(self, cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and sd of the signal at places of shape (places, columns), each of shape (places,)."""
        heights = np.sqrt(self.amplitude.of(cube))
        means, sds = self.process.predict(cube)
        return self.hyperparameters.mean + heights * means, heights * sds

    def with_pending(self, cube: np.ndarray) -> "Field":
        """Return the field as if points of shape (points, columns) had been read exactly where they are expected."""
        process = self.process
        for place, variance in zip(cube, self.noise(cube) / self.amplitude.of(cube), strict=True) if len(cube) else ():
            process = process.with_reading(place, float(process.predict(place[None, :])[0][0]), float(variance))
        return replace(self, process=process)


def field_of(encoding: Encoding, observations: Observations, outcome: Outcome, hyperparameters: Hyperparameters) -> Field:
    """Return the field of fitted hyperparameters: first with one amplitude, then with the one its left-out points ask for."""
    stationary = condition(hyperparameters, encoding.groups, observations.cube, outcome.values, stated_variances(outcome))
    amplitude = amplitude_of(stationary)
    values, variances = normalised(outcome, amplitude, observations.cube, hyperparameters.mean)
    process = condition(replace(hyperparameters, mean=0.0), encoding.groups, observations.cube, values, variances)
    return Field(outcome, hyperparameters, amplitude, process)


def normalised(outcome: Outcome, amplitude: Amplitude, cube: np.ndarray, mean: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the readings with mean and amplitude taken away, and the variances they state, both of shape (trials,)."""
    relative = amplitude.of(cube)
    return (outcome.values - mean) / np.sqrt(relative), stated_variances(outcome) / relative


def stated_variances(outcome: Outcome) -> np.ndarray:
    """Return the scores' own variances, zeros where they state none, shape (trials,)."""
    return np.zeros(len(outcome.values)) if outcome.variances is None else outcome.variances


@dataclass(frozen=True, slots=True)
class Fields:
    """What was believed of every objective."""

    encoding: Encoding
    fields: tuple[Field, ...]

    def predict(self, points: Sequence[Point]) -> Mapping[str, tuple[np.ndarray, np.ndarray]]:
        """Return mean and sd by objective, in its unit, each of shape (points,); a measurement's own scatter is left out."""
        cube = self.encoding.of_points(points)
        return {field.outcome.objective.name: _in_unit(field.outcome, *field.predict(cube)) for field in self.fields}


def recalled_fields(history: History, evidence: Evidence) -> Fields:
    """Return the maps behind a decision, rebuilt from the recorded hyperparameters; nothing is fitted again.

    Args:
        history: What the agent was shown before it decided.
        evidence: What it recorded then.

    Raises:
        AgentError: If the evidence holds no model, or the history is another one than the model was built from.
    """
    encoding = Encoding.of(history.space)
    observations = observe(history, encoding)
    return Fields(encoding, tuple(_recalled(encoding, observations, outcome, evidence) for outcome in observations.outcomes))


def _recalled(encoding: Encoding, observations: Observations, outcome: Outcome, evidence: Evidence) -> Field:
    record = record_of(evidence.model, outcome.objective.name, encoding.space.names)
    if record is None:
        raise AgentError(f"the decision recorded no map of {outcome.objective.name}")
    if record["n_train"] != observations.n:
        raise AgentError(f"the map was drawn from {record['n_train']} scored trials, but this history has {observations.n}")
    problem = Problem.of(observations.cube, encoding.groups, outcome.values, outcome.variances)
    return field_of(encoding, observations, outcome, with_mean(problem, recalled(record, outcome, encoding)))


def _in_unit(outcome: Outcome, means: np.ndarray, sds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return outcome.shift + outcome.sign * outcome.scale * means, outcome.scale * sds
