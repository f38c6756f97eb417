"""Ten thousand readings: what an agent takes, and what it gives up: ``python -m tests.benchmarks.many_readings [READINGS]``.

The Bayesian agent is shown as many noisy readings all over the space; then it prepares, is told one more, and is asked. Its
sparse model and an exact one with the same hyperparameters predict 1,000 other places. One thread; CPU seconds.
"""

import sys
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import psutil

from agents.alone import alone
from agents.bayesian import BayesianAgent
from agents.bayesian.process import Process, condition
from agents.bayesian.thought import Thought, before_newest_score, think
from orchestrator.domain.history import History
from orchestrator.domain.records import Objective
from orchestrator.domain.space import Continuous, Space
from orchestrator.testing.histories import extended, history_with
from tests.benchmarks.stage import NOISE_SD, axis_names, truth

_N_ELSEWHERE = 1000
T = TypeVar("T")


def filled(dimensions: int, n: int) -> History:
    """Return a history of noisy readings at random places."""
    names, rng = axis_names(dimensions), np.random.default_rng(dimensions)
    space = Space(parameters={name: Continuous(limits=(0.0, 1.0)) for name in names})
    points = [dict(zip(names, map(float, row), strict=True)) for row in rng.random((n, dimensions))]
    trials = [(point, truth(point) + float(rng.normal(0.0, NOISE_SD[dimensions]))) for point in points]
    return history_with(space, trials, (Objective(name="signal", goal="minimise"),))


def clocked(task: Callable[[], T]) -> tuple[T, float]:
    """Return what a task returns, and its CPU seconds."""
    began = time.process_time()
    return task(), time.process_time() - began


def error(process: Process, thought: Thought, cube: np.ndarray, true: np.ndarray) -> float:
    """Return the RMSE at places of shape (points, columns), as a share of the signal's sd."""
    predicted = thought.belief.outcome.scaling.in_unit(process.predict(cube)[0])
    return float(np.sqrt(np.mean((predicted - true) ** 2)) / true.std())


def exact(thought: Thought) -> Process:
    """Return the exact process with the hyperparameters that the sparse one was given."""
    observations, outcome = thought.observations, thought.belief.outcome
    hyperparameters = thought.belief.fit.hyperparameters
    return condition(
        hyperparameters, thought.encoding.groups, observations.cube, outcome.values, outcome.variances, times=observations.times
    ).with_best_mean()


def look(dimensions: int, n: int) -> str:
    agent, memory = BayesianAgent(BayesianAgent.Settings()), psutil.Process()
    history = filled(dimensions, n)
    suggestion, first = clocked(lambda: agent.ask(history))
    _, prepare = clocked(lambda: agent.prepare(extended(history, suggestion)))
    told = extended(history, suggestion, truth({name: float(value) for name, value in suggestion.point.items()}))
    _, ask = clocked(lambda: agent.ask(told))
    resident = memory.memory_info().rss / 1e6
    cube = np.random.default_rng(99).random((_N_ELSEWHERE, dimensions))
    true = np.array([truth(dict(zip(axis_names(dimensions), row, strict=True))) for row in cube])
    with alone():
        thought = think(before_newest_score(told), "trials")
        rough = error(thought.belief.process, thought, cube, true)
        whole, took = clocked(lambda: exact(thought))
        fine = error(whole, thought, cube, true)
    left_out = suggestion.evidence.model.get("sparse", {}).get("left_out", 0.0)
    return (
        f"{dimensions}-D, {n} readings: first ask {first:.1f} s (with the fit), prepare {prepare:.2f} s, ask {ask:.3f} s; "
        f"{resident:.0f} MB resident\n  error {rough:.2%} of the signal's sd, exact {fine:.2%} (which takes {took:.0f} s to condition); "
        f"the record says {left_out:.2%} of the signal's variance is left out"
    )


if __name__ == "__main__":
    for dimensions in (2, 6):
        print(look(dimensions, int(sys.argv[1]) if len(sys.argv) > 1 else 10_000), flush=True)
