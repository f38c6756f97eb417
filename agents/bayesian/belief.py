"""What is believed of one objective."""

from dataclasses import dataclass, replace

import numpy as np

from agents.bayesian.observations import Observations, Outcome
from agents.bayesian.process import Process
from agents.bayesian.surrogate import Hyperparameters


@dataclass(frozen=True, slots=True)
class Fit:
    """Hyperparameters and how fresh they are."""

    hyperparameters: Hyperparameters
    n_fitted: int
    """Trials at the last fit."""
    n_cold: int
    """Trials at the last fit that did not only start from the one before."""
    was_refit: bool
    n_aged: int = 0
    """Trials when it was last looked into whether readings age."""
    counting: float | None = None
    """Variance times exposure of a reading, beside the common noise, standardised; None where it is not learned."""

    @property
    def noise_sd(self) -> float:
        """Return what one measurement scatters by, standardised."""
        return float(np.sqrt(self.hyperparameters.noise))


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed of one objective."""

    outcome: Outcome
    fit: Fit
    process: Process

    def with_newest(self, observations: Observations) -> "Belief":
        """Return the belief with the newest of the observations, of one objective and in the same scaling; nothing is fitted again."""
        [outcome] = observations.outcomes
        outcome = replace(outcome, is_doubted=np.append(self.outcome.is_doubted, False), scaling=self.outcome.scaling)
        outcome = counted(outcome, observations, self.fit.counting)
        variance = self.fit.hyperparameters.noise + outcome.variances[-1]
        process = self.process.with_reading(observations.cube[-1], outcome.values[-1], variance, observations.times[-1]).with_best_mean()
        return Belief(outcome, replace(self.fit, hyperparameters=process.hyperparameters), process)


def counted(outcome: Outcome, observations: Observations, counting: float | None) -> Outcome:
    """Return the outcome with the variances that the exposures explain, given variance times exposure; as it is if that is None."""
    if counting is None or observations.exposures is None or outcome.sds is not None:
        return outcome
    return replace(outcome, counting=counting / observations.exposures)


def known_variances(outcome: Outcome, observations: Observations) -> np.ndarray:
    """Return by how much the readings' own exposures let them scatter, variances of shape (trials,); zeros where none are chosen."""
    return np.zeros(observations.n) if observations.exposures is None else outcome.undoubted_variances
