"""Whether the agent knew what it did not know: predictions beside what was then measured."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from orchestrator.domain.campaign import Trial
from orchestrator.domain.history import objective_score
from orchestrator.domain.records import Objective
from orchestrator.queries.progress import scored


@dataclass(frozen=True, slots=True)
class Comparison:
    """What an agent expected of one trial, and what came."""

    trial: int
    predicted: float
    predicted_sd: float
    measured: float
    measured_sd: float | None
    """The measurement's own: as stated with the score, else as the agent's model believed."""

    @property
    def sd(self) -> float:
        """Return the standard deviation of the difference: the prediction's and the measurement's together."""
        return math.hypot(self.predicted_sd, self.measured_sd or 0.0)


def comparisons(trials: Sequence[Trial], objective: Objective) -> tuple[Comparison, ...]:
    """Return predicted and measured values of every scored trial that came with a prediction."""
    return tuple(
        Comparison(trial.number, predicted.mean, predicted.sd, score.value, predicted.noise_sd if score.sd is None else score.sd)
        for trial in scored(trials)
        if (predicted := trial.evidence.predicted.get(objective.name)) and (score := objective_score(trial, objective))
    )


def coverage(compared: Sequence[Comparison], level: float = 0.9) -> float | None:
    """Return the share of measured values within the predicted central interval of that level; None without predictions."""
    if not compared:
        return None
    z = NormalDist().inv_cdf(0.5 + level / 2)
    return sum(abs(one.measured - one.predicted) <= z * one.sd for one in compared) / len(compared)
