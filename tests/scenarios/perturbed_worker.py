"""A worker whose bayesian agent, from one trial on, wants what its acquisition function values least."""

from collections.abc import Callable
from typing import Any

import numpy as np

from agents.bayesian import BayesianAgent
from orchestrator import workers
from orchestrator.domain.history import History
from orchestrator.domain.records import Suggestion

FIRST_TRIAL = 7


def main() -> None:
    """Serve as any worker does."""
    BayesianAgent.ask = _perturbed(BayesianAgent.ask)  # type: ignore[method-assign]
    workers.main()


def _perturbed(ask: Callable[[Any, History], Suggestion]) -> Callable[[Any, History], Suggestion]:
    def perturbed(agent: Any, history: History) -> Suggestion:
        if history.n_suggestions + 1 == FIRST_TRIAL:
            _turn_acquisition_around()
        return ask(agent, history)

    return perturbed


def _turn_acquisition_around() -> None:
    from agents.bayesian.improvement import NoisyImprovement
    from agents.bayesian.upper_bound import UpperBound

    for judge in (NoisyImprovement, UpperBound):
        judge.of_cube = _negated(judge.of_cube)  # type: ignore[method-assign]


def _negated(of_cube: Callable[[Any, np.ndarray], np.ndarray]) -> Callable[[Any, np.ndarray], np.ndarray]:
    return lambda judge, cube: -of_cube(judge, cube)
