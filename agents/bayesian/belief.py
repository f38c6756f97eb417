"""What is believed of one objective."""

from dataclasses import dataclass

import numpy as np

from agents.bayesian.observations import Outcome
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
