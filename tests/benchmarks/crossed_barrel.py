"""How many trials until a design of the best one per cent is measured: ``python tests/benchmarks/crossed_barrel.py``.

Offline: no engine and no instrument. Each measurement draws one of a design's replicates by (seed, trial, attempt), as
the dataset instrument does. Any CSV whose last column is the outcome will do.
"""

import argparse
import csv
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from agents.bayesian import BayesianAgent
from agents.random import RandomAgent
from orchestrator.domain.base import Point
from orchestrator.domain.chance import Stream, generator
from orchestrator.domain.protocols import Agent
from orchestrator.domain.records import Objective
from orchestrator.domain.space import Continuous, Space
from orchestrator.testing.histories import empty_history, extended

TOP_SHARE = 0.01
AGENTS = {"bayesian": BayesianAgent, "random": RandomAgent}


@dataclass(frozen=True, slots=True)
class Dataset:
    """Measured settings with their replicates."""

    space: Space
    objective: Objective
    replicates: Mapping[tuple[float, ...], tuple[float, ...]]

    def measure(self, point: Point, *, seed: int, trial: int) -> float:
        values = self.replicates[tuple(float(point[name]) for name in self.space.names)]
        return values[generator(seed, Stream.INSTRUMENT, trial, 1).integers(len(values))]

    def top(self) -> set[tuple[float, ...]]:
        """Return the best one per cent of settings by their mean."""
        sign = 1.0 if self.objective.goal == "maximise" else -1.0
        ranked = sorted(self.replicates, key=lambda setting: -sign * statistics.fmean(self.replicates[setting]))
        return set(ranked[: max(1, round(TOP_SHARE * len(ranked)))])


def read(path: Path, goal: str) -> Dataset:
    """Return a dataset from a CSV whose last column is the outcome."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *lines = csv.reader(line for line in file if not line.startswith("#"))
    replicates: dict[tuple[float, ...], tuple[float, ...]] = {}
    for line in lines:
        *setting, value = (float(cell) for cell in line)
        replicates[tuple(setting)] = (*replicates.get(tuple(setting), ()), value)
    *names, outcome = header
    columns = dict(zip(names, zip(*replicates, strict=True), strict=True))
    space = Space(
        parameters={name: Continuous(limits=(min(column), max(column))) for name, column in columns.items()},
        candidates=tuple(dict(zip(names, setting, strict=True)) for setting in replicates),
    )
    return Dataset(space, Objective.model_validate({"name": outcome, "goal": goal}), replicates)


def trials_to_top(dataset: Dataset, agent: Agent, *, seed: int, most: int) -> int:
    """Return the number of the first trial that measured a top setting; one more than ``most`` when none did."""
    history, top = empty_history(dataset.space, [dataset.objective], seed=seed), dataset.top()
    for trial in range(1, min(most, len(dataset.replicates)) + 1):
        suggestion = agent.ask(history)
        if tuple(float(suggestion.point[name]) for name in dataset.space.names) in top:
            return trial
        history = extended(history, suggestion, dataset.measure(suggestion.point, seed=seed, trial=trial))
    return most + 1


def results(dataset: Dataset, name: str, *, seeds: int, most: int) -> Iterator[int]:
    for seed in range(seeds):
        yield trials_to_top(dataset, AGENTS[name](AGENTS[name].Settings()), seed=seed, most=most)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", nargs="?", type=Path, default=Path(str(files("instruments") / "data" / "crossed_barrel.csv")))
    parser.add_argument("--goal", choices=["maximise", "minimise"], default="maximise")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--most", type=int, default=200, help="trials after which a campaign counts as failed")
    arguments = parser.parse_args()
    dataset = read(arguments.path, arguments.goal)
    for name in AGENTS:
        started = time.perf_counter()
        found = list(results(dataset, name, seeds=arguments.seeds, most=arguments.most))
        seconds = (time.perf_counter() - started) / sum(min(count, arguments.most) for count in found)
        line = f"{name}: median {statistics.median(found):g} trials, {seconds:.3f} s per ask, all: {sorted(found)}"
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
