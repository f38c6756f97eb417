"""How often readings lie within what was predicted: ``python -m tests.benchmarks.calibration [SEEDS] [TASK...]``.

Plays the tasks of ``nightshift bench --suite optimise`` with one objective. Each prediction is held against the reading that
came, as the model has it and as it is said, widened by what earlier predictions missed by and by what fresh models do.
"""

import math
import sys
from collections.abc import Iterator

import numpy as np

from orchestrator.asktell import AskTell
from orchestrator.benchmarks.problems import problem_of
from orchestrator.benchmarks.tasks import Task, all_tasks

_N_ASKS = 40
_N_FIRST = 10
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
    print(f"{n_seeds} seeds, {_N_ASKS} asks each; share of readings within the predicted interval, as the model has it -> as it is said\n")
    print(f"{'':26}  {'all 68 %':14} {'all 90 %':14} {'all 95 %':14} first {_N_FIRST} 90 %")
    by_kind: dict[str, list[np.ndarray]] = {}
    for name, task in tasks.items():
        campaigns = [np.array(list(misses(task, seed))) for seed in range(n_seeds)]
        found, first = np.concatenate(campaigns), np.concatenate([campaign[:_N_FIRST] for campaign in campaigns])
        shares = np.array([*(_within(found, z) for z in _LEVELS.values()), _within(first, _LEVELS["90 %"])])
        by_kind.setdefault(task.kind, []).append(shares)
        print(_line(name, shares), flush=True)
    for kind, each in by_kind.items():
        print(_line(f"mean, {kind}", np.mean(each, axis=0)))


def _within(found: np.ndarray, z: float) -> np.ndarray:
    """Return the share of readings within z, as the model has it and as it is said, of misses of shape (predictions, 2)."""
    return (found[:, ::-1] <= z).mean(axis=0)


def _line(name: str, shares: np.ndarray) -> str:
    return f"{name:26}  " + " ".join(f"{model:.2f} -> {said:.2f}  " for model, said in shares)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5, sys.argv[2:])
