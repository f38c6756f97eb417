"""A map as a decision records it, and the map rebuilt from the record: nothing is fitted again."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from agents.bayesian.belief import Belief, Fit
from agents.bayesian.observations import Observations, Outcome, observe
from agents.bayesian.recording import joined, part_for, record, recorded
from agents.bayesian.scaling import Scaling
from agents.bayesian.surrogate import Hyperparameters
from agents.encoding import Encoding
from agents.mapping.field import Field, field_of
from agents.mapping.smoothing import Smoothing
from orchestrator.domain.base import Point
from orchestrator.domain.errors import AgentError
from orchestrator.domain.history import History
from orchestrator.domain.records import Evidence

KERNEL = "matern-5/2, local amplitude"


@dataclass(frozen=True, slots=True)
class Fields:
    """What is believed of every objective."""

    encoding: Encoding
    fields: tuple[Field, ...]

    def predict(self, points: Sequence[Point]) -> Mapping[str, tuple[np.ndarray, np.ndarray]]:
        """Return mean and sd by objective, in its unit, each of shape (points,); a measurement's own scatter is left out."""
        cube = self.encoding.of_points(points)
        return {field.outcome.objective.name: field.outcome.scaling.interval(*field.predict(cube)) for field in self.fields}


def record_all(encoding: Encoding, observations: Observations, fields: Sequence[Field]) -> dict[str, Any]:
    """Return the fields as JSON: the first objective's, and each by its name where there are several."""
    return joined([_record(encoding, observations, field) for field in fields])


def _record(encoding: Encoding, observations: Observations, field: Field) -> dict[str, Any]:
    amplitude, smoothings = field.amplitude, [asdict(smoothing) for smoothing in field.amplitude.smoothings]
    recorded_amplitude = {"unevenness": amplitude.unevenness, "spacing": amplitude.spacing, "smoothings": smoothings}
    believed = record(Belief(field.outcome, field.fit, field.process), encoding, observations.numbers)
    lengthscales = dict(zip(encoding.space.names, (field.plain.lengthscales * encoding.span).tolist(), strict=True))
    plain = {"lengthscales": lengthscales, "outputscale": field.plain.outputscale, "noise": field.plain.noise, "mean": field.plain.mean}
    return {**believed, "kernel": KERNEL, "amplitude": recorded_amplitude, "plain": plain}


def record_of(model: Mapping[str, Any], objective: str, names: tuple[str, ...]) -> Mapping[str, Any] | None:
    """Return one objective's part of a recorded model; None where it is no map of parameters of these names."""
    found = part_for(model, objective)
    is_ours = found is not None and found.get("kernel") == KERNEL and found["lengthscales"].keys() == set(names)
    return found if is_ours else None


def recalled_fields(history: History, evidence: Evidence) -> Fields:
    """Return the maps behind a decision.

    Args:
        history: What the agent was shown before it decided.
        evidence: What it recorded then.

    Raises:
        AgentError: If the evidence holds no map, or the history is another one than the map was drawn from.
    """
    encoding = Encoding.of(history.space)
    observations = observe(history, encoding)
    return Fields(encoding, tuple(_recalled(encoding, observations, outcome, evidence) for outcome in observations.outcomes))


def _recalled(encoding: Encoding, observations: Observations, outcome: Outcome, evidence: Evidence) -> Field:
    found = record_of(evidence.model, outcome.objective.name, encoding.space.names)
    if found is None:
        raise AgentError(f"the decision recorded no map of {outcome.objective.name}")
    if found["n_train"] != observations.n:
        raise AgentError(f"the map was drawn from {found['n_train']} scored trials, but this history has {observations.n}")
    fit = Fit(recorded(found, encoding), found["n_fitted"], found["n_cold"], was_refit=found["was_refit"])
    scaled = replace(outcome, scaling=Scaling.from_record(found["outcome_transform"]))
    return field_of(encoding, observations, scaled, fit, plain_in(found, encoding), _smoothings(found["amplitude"]))


def plain_in(record: Mapping[str, Any], encoding: Encoding) -> Hyperparameters:
    """Return what was fitted to the plain readings; records from before that was done hold the other hyperparameters alone."""
    return recorded(record.get("plain", record), encoding)


def _smoothings(amplitude: Mapping[str, Any]) -> tuple[Smoothing, ...]:
    """Return the smoothings as recorded; those recorded before levels counted had no breadth."""
    return tuple(Smoothing(**{"breadth": None, **each}) for each in amplitude["smoothings"])
