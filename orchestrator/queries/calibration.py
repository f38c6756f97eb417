"""Whether the agent knew what it did not know: predictions beside what was then measured."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from orchestrator.domain.campaign import CampaignState, Trial
from orchestrator.domain.history import objective_score
from orchestrator.domain.records import Objective
from orchestrator.queries.progress import scored

_LEVEL = 0.9
_LATEST = 50
"""Predictions that are counted: what the model knew in the evening says little of it now, and a night may be long."""
_LOOKED_AT = 500
"""Trials looked at for them, darks, references and points without a prediction included."""
_TOO_FEW = 0.01
"""Of as many right models, this share would hold so few."""


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


def coverage(compared: Sequence[Comparison], level: float = _LEVEL) -> float | None:
    """Return the share of measured values within the predicted central interval of that level; None without predictions."""
    return _n_inside(compared, level) / len(compared) if compared else None


def latest_coverage(state: CampaignState) -> tuple[str, ...]:
    """Return for each objective ``flux: 18 of the latest 20 measurements lay within their predicted 90 % interval``."""
    latest = state.trials[-_LOOKED_AT:]
    each = {objective.name: comparisons(latest, objective)[-_LATEST:] for objective in state.objectives}
    return tuple(_said(name, len(compared), _n_inside(compared, _LEVEL)) for name, compared in each.items() if compared)


def _said(name: str, n: int, n_inside: int) -> str:
    said = f"{name}: {n_inside} of the latest {n} measurements lay within their predicted {_LEVEL:.0%} interval"
    return f"{said}; too few, so trust its certainty less" if _chance_of_at_most(n_inside, n) < _TOO_FEW else said


def _chance_of_at_most(n_inside: int, n: int) -> float:
    """Return how probably a model that is right about its own errors holds so few of n, or fewer."""
    return sum(math.comb(n, k) * _LEVEL**k * (1 - _LEVEL) ** (n - k) for k in range(n_inside + 1))


def _n_inside(compared: Sequence[Comparison], level: float) -> int:
    z = NormalDist().inv_cdf(0.5 + level / 2)
    return sum(abs(one.measured - one.predicted) <= z * one.sd for one in compared)
