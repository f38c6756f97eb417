"""How engines stand on one task: figures over seeds, worked out from the runs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from orchestrator.benchmarks.intervals import Interval, mean_interval, ratio_interval
from orchestrator.benchmarks.metrics import (
    acceleration,
    ceiling,
    dominated_area,
    enhancement,
    random_to_top,
    simple_regret,
    top_share_found,
)
from orchestrator.benchmarks.problems import Pool, Problem, problem_of
from orchestrator.benchmarks.records import Run
from orchestrator.benchmarks.tasks import Task, ValueTarget

_LUCK = 10
"""Measurements before EF means anything."""


@dataclass(frozen=True)
class Standing:
    """One engine's runs on one task, by seed."""

    task: Task
    engine: str
    runs: tuple[Run, ...]

    @property
    def n_reached(self) -> int:
        return sum(run.measurements is not None for run in self.runs)

    @property
    def is_censored(self) -> bool:
        """Whether some seeds did not reach the target; they count as the budget, so that means are too low."""
        return self.n_reached < len(self.runs)

    @cached_property
    def counted(self) -> dict[int, int]:
        """Measurements to the target by seed, the budget where it was not reached."""
        return {run.seed: run.measurements or self.task.n_counted for run in self.runs}

    def measurements(self) -> Interval:
        return mean_interval(list(self.counted.values()))

    def cpu_s(self) -> float | None:
        """Return CPU seconds per ask, the mean over all asks."""
        asks = [each for run in self.runs for each in run.cpu_s]
        return float(np.mean(asks)) if asks else None

    def against(self, other: "Standing") -> Interval | None:
        """Return our measurements over the other's, on the seeds that both played; None without such seeds."""
        seeds = sorted(self.counted.keys() & other.counted.keys())
        if not seeds:
            return None
        return ratio_interval([self.counted[seed] for seed in seeds], [other.counted[seed] for seed in seeds])


@dataclass(frozen=True)
class Contest:
    """All engines' runs on one task."""

    problem: Problem
    standings: dict[str, Standing]

    @property
    def task(self) -> Task:
        return self.problem.task

    @cached_property
    def random(self) -> float:
        """Measurements that random search needs on average."""
        if isinstance(self.problem, Pool):
            return random_to_top(len(self.problem.table.candidates), self.problem.n_top, self.problem.n_wanted)
        assert isinstance(self.task.target, ValueTarget)
        return self.task.target.random

    @property
    def highest_af(self) -> float | None:
        """The AF that nobody exceeds on a pool."""
        return ceiling(self.random, self.problem.n_wanted, n_start=2) if isinstance(self.problem, Pool) else None

    def af(self, engine: str) -> float:
        return acceleration(self.random, self.standings[engine].measurements().value)

    def highest_ef(self, engine: str) -> float | None:
        """Return the highest EF of the mean over seeds; not counted before a few measurements, where one lucky hit is everything."""
        assert isinstance(self.problem, Pool)
        runs = [run for run in self.standings[engine].runs if run.truths]
        if not runs:
            return None
        longest = max(len(run.truths) for run in runs)  # what a run found it has found, also after its end
        share = np.mean([top_share_found(run.hits, self.problem.n_top, longest) for run in runs], axis=0)
        return float(enhancement(share, len(self.problem.table.candidates))[min(_LUCK, longest - 1) :].max())

    def regret(self, engine: str, beside: str | None = None) -> float | None:
        """Return the regret of the true function after the whole budget, the median over seeds that went so far.

        Args:
            engine: Whose.
            beside: Another one, to count only seeds that both played.
        """
        regrets = self._regrets[engine]
        seeds = regrets.keys() if beside is None else regrets.keys() & self._regrets[beside].keys()
        return float(np.median([regrets[seed] for seed in seeds])) if seeds else None

    @cached_property
    def _regrets(self) -> dict[str, dict[int, float]]:
        """By engine and seed."""
        return {
            engine: {run.seed: self._regret(run) for run in standing.runs if len(run.truths) >= self.task.budget}
            for engine, standing in self.standings.items()
        }

    def _regret(self, run: Run) -> float:
        if self.task.reference is not None:
            return self.problem.optimum - dominated_area(np.array(run.truths), self.task.reference)
        return simple_regret([truth[0] for truth in run.truths[self.task.counts_after :]], self.problem.optimum)


def contests(runs: Iterable[Run], tasks: Sequence[Task]) -> list[Contest]:
    """Return what there is by task, in the tasks' order; tasks without runs are left out."""
    by_task: dict[str, dict[str, list[Run]]] = {}
    for run in runs:
        by_task.setdefault(run.task, {}).setdefault(run.engine, []).append(run)
    return [
        Contest(
            problem_of(task),
            {engine: Standing(task, engine, tuple(sorted(each, key=lambda run: run.seed))) for engine, each in by_task[task.name].items()},
        )
        for task in tasks
        if task.name in by_task
    ]
