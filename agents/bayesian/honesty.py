"""How wide predictions are said to be: as wide as those before have turned out to need.

A fit that takes its own hyperparameters for the truth is too sure of itself, and most where it matters: the points that are
chosen are those of which it expects too much. Metrology multiplies stated errors by Birge's ratio where results scatter by
more than was said (Birge, Phys. Rev. 40, 207 (1932); the Particle Data Group's scale factor). Points are chosen without it.
"""

from collections.abc import Collection

import numpy as np

from agents.bayesian.observations import Outcome
from agents.bayesian.process import Process
from agents.bayesian.recording import part_for
from orchestrator.domain.campaign import Trial
from orchestrator.domain.history import History, objective_score
from orchestrator.domain.records import Objective

_LATEST = 50
"""Predictions that count."""
_TRUSTED = 8
"""So many predictions are taken to have come true as they were said, before there is any."""
_FARTHEST = 4.0
"""Sds beyond which a miss is not told from others as far off."""


def excess(history: History, objective: Objective, doubted: Collection[int]) -> float:
    """Return by what factor the latest predictions missed by more than they said; 1 where they did not.

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
    return float(np.sqrt(max(1.0, (_TRUSTED + sum(squares)) / (_TRUSTED + len(squares)))))


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
