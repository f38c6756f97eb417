"""What the model believed when it decided: rebuilt from the recorded hyperparameters, never fitted again.

Plain numpy: to draw a map takes no torch, and the numbers are those of the exact Gaussian process that decided.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from agents.bayesian.belief import counted
from agents.bayesian.conditioning import process_as_recorded
from agents.bayesian.exposed import exposed
from agents.bayesian.honesty import widened
from agents.bayesian.observations import Observations, Outcome, observe
from agents.bayesian.process import Process
from agents.bayesian.recording import part_for, recorded, recorded_doubts
from agents.bayesian.scaling import Scaling
from agents.encoding import Encoding
from orchestrator.domain.base import Point
from orchestrator.domain.errors import AgentError
from orchestrator.domain.history import History
from orchestrator.domain.records import Evidence


class Posterior:
    """Predicts as the model of one decision did."""

    def __init__(self, encoding: Encoding, outcomes: Sequence[Outcome], processes: Sequence[Process], excesses: Sequence[float]) -> None:
        self._encoding = encoding
        self._outcomes = outcomes
        self._processes = processes
        self._excesses = excesses

    def predict(self, points: Sequence[Point]) -> Mapping[str, tuple[np.ndarray, np.ndarray]]:
        """Return mean and sd by objective, in its unit, each of shape (points,); a measurement's own scatter is left out."""
        cube = self._encoding.of_points(points)
        told: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        for outcome, process, excess in zip(self._outcomes, self._processes, self._excesses, strict=True):
            means, sds = process.predict(cube)
            told[outcome.objective.name] = outcome.scaling.interval(means, widened(process, outcome, sds, excess))
        return told


def posterior_of(history: History, evidence: Evidence) -> Posterior:
    """Return the model behind a decision.

    Args:
        history: What the agent was shown before it decided.
        evidence: What it recorded then.

    Raises:
        AgentError: If the evidence holds no model, or the history is another one than the model was built from.
    """
    history = as_decided_on(history, evidence)
    encoding = Encoding.of(history.space)
    observations = observe(history, encoding)
    records = _records(evidence, [objective.name for objective in history.objectives])
    for record in records:
        if record["n_train"] != observations.n:
            raise AgentError(f"the model was built from {record['n_train']} scored trials, but this history has {observations.n}")
    outcomes = [_as_recorded(observations, outcome, record) for outcome, record in zip(observations.outcomes, records, strict=True)]
    processes = [
        process_as_recorded(encoding, observations, outcome, recorded(record, encoding), record)
        for outcome, record in zip(outcomes, records, strict=True)
    ]
    return Posterior(encoding, outcomes, processes, [float(record.get("excess", 1.0)) for record in records])


def as_decided_on(history: History, evidence: Evidence) -> History:
    """Return the history as the decision saw it: without the exposure, where that was chosen beside the point."""
    chosen = evidence.model.get("exposure")
    return history if chosen is None else exposed(history, str(chosen["parameter"]))


def _records(evidence: Evidence, objectives: Sequence[str]) -> list[Mapping[str, Any]]:
    """Return what was recorded of each objective. Raises AgentError that names all it recorded nothing of, and what it was instead."""
    found = {name: part_for(evidence.model, name) for name in objectives}
    if unknown := [name for name, record in found.items() if record is None]:
        instead = f"; it was: {evidence.reason}" if evidence.reason else ""
        raise AgentError(f"the decision recorded no model of {', '.join(unknown)}{instead}")
    return [record for record in found.values() if record is not None]


def _as_recorded(observations: Observations, outcome: Outcome, record: Mapping[str, Any]) -> Outcome:
    """Return the outcome as it was scaled and doubted when the decision was made."""
    outcome = replace(outcome, scaling=Scaling.from_record(record["outcome_transform"]), is_doubted=recorded_doubts(record, observations))
    return counted(outcome, observations, record.get("counting"))
