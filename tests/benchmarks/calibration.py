"""How often readings lie within what was predicted: ``python -m tests.benchmarks.calibration [SEEDS] [TASK...]``.

Plays the tasks of ``nightshift bench --suite optimise`` with one objective. Each prediction is held against the reading that
came, as the model has it and as it is said, widened by what earlier predictions missed by.
"""

import math
import sys
from collections.abc import Iterator

import numpy as np

from orchestrator.asktell import AskTell
from orchestrator.benchmarks.problems import problem_of
from orchestrator.benchmarks.tasks import Task, all_tasks

_N_ASKS = 40
_LEVELS = {"68 %": 1.0, "90 %": 1.645, "95 %": 1.96}


def misses(task: Task, seed: int) -> Iterator[tuple[float, float]]:
    """Yield each prediction's miss over its joint sd with the reading: as said, and as the model has it."""
    problem = problem_of(task)
    space = problem.space
    constraints = [constraint.model_dump() for constraint in space.constraints]
    loop = AskTell(space.parameters, task.objectives, seed=seed, constraints=constraints, candidates=space.candidates)
    for number, point in enumerate(problem.start(seed), start=1):
        loop.tell(point, problem.measure(point, seed=seed, trial=number))
    [name] = task.objectives
    for _ in range(_N_ASKS):
        [point] = loop.ask()
        evidence = loop.state.trials[-1].evidence
        reading = problem.measure(point, seed=seed, trial=len(loop.state.trials))[name]
        loop.tell(point, {name: reading})
        predicted = evidence.predicted.get(name)
        if predicted is not None:
            miss = abs(reading - predicted.mean) / math.hypot(predicted.sd, predicted.noise_sd or 0.0)
            yield miss, miss * float(evidence.model["excess"])


def main(n_seeds: int, names: list[str]) -> None:
    tasks = {name: task for name, task in all_tasks().items() if len(task.objectives) == 1 and (not names or name in names)}
    print(f"{n_seeds} seeds, {_N_ASKS} asks each; share of readings within the predicted interval, as the model has it -> as it is said")
    for name, task in tasks.items():
        found = np.array([each for seed in range(n_seeds) for each in misses(task, seed)])
        shares = (f"{level} {(found[:, 1] <= z).mean():.2f} -> {(found[:, 0] <= z).mean():.2f}" for level, z in _LEVELS.items())
        print(f"{name:26} {len(found):4} predictions: {', '.join(shares)}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5, sys.argv[2:])
