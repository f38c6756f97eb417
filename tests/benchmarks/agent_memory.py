"""Does a long-lived agent grow? ``python -m tests.benchmarks.agent_memory [ASKS]``.

One Bayesian agent through a whole campaign on Branin's function, thinking ahead before every ask, as its process does: resident
memory and the time of an ask, along the way. What must grow is the history itself and the model's inverse factor, N² numbers.
"""

import statistics
import sys
import time

import numpy as np
import psutil

from agents.bayesian import BayesianAgent
from orchestrator.domain.records import Objective
from orchestrator.domain.space import Continuous, Space
from orchestrator.testing.histories import empty_history, extended
from tests.benchmarks.stage import NOISE_SD, axis_names, truth

_LOOKS = (10, 100, 200, 500, 1000, 2000)


def main(n_asks: int) -> None:
    space = Space(parameters={name: Continuous(limits=(0.0, 1.0)) for name in axis_names(2)})
    history = empty_history(space, (Objective(name="signal", goal="minimise"),))
    agent, rng, process = BayesianAgent(BayesianAgent.Settings()), np.random.default_rng(0), psutil.Process()
    cpu: list[float] = []
    for asked in range(1, n_asks + 1):
        began = time.process_time()
        suggestion = agent.ask(history)
        cpu.append(time.process_time() - began)
        agent.prepare(extended(history, suggestion))
        point = {name: float(value) for name, value in suggestion.point.items()}
        history = extended(history, suggestion, truth(point) + float(rng.normal(0.0, NOISE_SD[2])))
        if asked in _LOOKS or asked == n_asks:
            latest = statistics.median(cpu[-20:])
            print(f"after {asked:5} asks: {process.memory_info().rss / 1e6:.0f} MB resident; an ask takes {latest * 1e3:.0f} ms CPU")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
