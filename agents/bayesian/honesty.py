"""How wide predictions are said to be: as wide as those before have turned out to need, and at first as fresh models' do.

A fit that takes its own hyperparameters for the truth is too sure of itself, and most where it matters: the points that are
chosen are those of which it expects too much. Metrology multiplies stated errors by Birge's ratio where results scatter by
more than was said (Birge, Phys. Rev. 40, 207 (1932); the Particle Data Group's scale factor). Points are chosen without it.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from agents.bayesian.observations import Outcome
from agents.bayesian.process import Process
from agents.bayesian.recording import part_for
from orchestrator.domain.campaign import Trial
from orchestrator.domain.history import History, objective_score
from orchestrator.domain.records import Objective

_LATEST = 50
"""Predictions that count."""
_FRESH = 1.75
"""By what factor a model that has predicted nothing yet is taken to miss by more than it says: what widens its 90 % intervals so
that they hold nine in ten of a campaign's first ten readings, on the tasks that are not held out (docs/benchmarks.md)."""
_N_FRESH = 4
"""So many predictions that missed by that factor stand beside its own."""
_FARTHEST = 4.0
"""Sds beyond which a miss is not told from others as far off."""


@dataclass(frozen=True, slots=True)
class Excess:
    """By how much predictions miss by more than the model has it."""

    factor: float
    """At least 1."""
    is_seen: bool
    """Whether the campaign's own predictions are the reason, and not that there have been so few."""


def excess(history: History, objective: Objective, doubted: Collection[int]) -> Excess:
    """Return by how much the latest predictions missed by more than they said.

    Args:
        history: With what was predicted for each trial.
        objective: Of which predictions.
        doubted: The numbers of trials whose readings are not believed.
    """
    squares: list[float] = []
    for trial in reversed(history.trials):
        square = None if trial.number in doubted else _miss(trial, objective)
        if square is not None:
            squares.append(min(square, _FARTHEST**2))
        if len(squares) == _LATEST:
            break
    surplus, fresh_surplus = sum(squares) - len(squares), _N_FRESH * (_FRESH**2 - 1.0)
    ratio = 1.0 + (surplus + fresh_surplus) / (len(squares) + _N_FRESH)
    return Excess(factor=float(np.sqrt(max(1.0, ratio))), is_seen=surplus > fresh_surplus)


def _miss(trial: Trial, objective: Objective) -> float | None:
    """Return the square of a prediction's miss over what the model itself said it would be; None without one, or another agent's."""
    predicted, score = trial.evidence.predicted.get(objective.name), objective_score(trial, objective)
    model = part_for(trial.evidence.model, objective.name)
    if predicted is None or score is None or model is None:
        return None
    said = predicted.sd**2 + (score.sd if score.sd is not None else predicted.noise_sd or 0.0) ** 2
    excess_then = float(model.get("excess", 1.0))
    return excess_then**2 * (score.value - predicted.mean) ** 2 / said if said > 0 else None


def widened(process: Process, outcome: Outcome, sds: np.ndarray, factor: float) -> np.ndarray:
    """Return standardised sds of the signal, shape (points,), so that a reading's expected miss is ``factor`` times as large."""
    noise = process.hyperparameters.noise + float(np.median(outcome.undoubted_variances))
    return np.sqrt(sds**2 + (factor**2 - 1.0) * (sds**2 + noise))
