"""Which runs are missing, and making them: each in a process of its own, on one thread, its record written as it ends."""

import json
import os
import signal
import statistics
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestrator.benchmarks import engines
from orchestrator.benchmarks.problems import problem_of
from orchestrator.benchmarks.records import Run
from orchestrator.benchmarks.surroundings import surroundings
from orchestrator.benchmarks.tasks import Task

SLOW_S = 1.0
"""CPU seconds per ask above which somebody else's engine plays ``N_SEEDS_IF_SLOW`` seeds only."""
N_SEEDS_IF_SLOW = 5
LONGEST_S = 3600.0
"""A run that takes longer is ended and counts as not having reached its target."""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


@dataclass(frozen=True, slots=True)
class Job:
    """One run to be made."""

    task: Task
    engine: str
    seed: int

    @property
    def key(self) -> tuple[str, str, int]:
        return self.task.name, self.engine, self.seed


@dataclass(frozen=True, slots=True)
class Refused:
    """An engine that does not play a task, and why."""

    task: str
    engine: str
    why: str


def refusals(tasks: Sequence[Task], names: Sequence[str], pythons: Mapping[str, str]) -> Iterator[Refused]:
    """Yield who does not play what. An engine with another Python is not looked for in this one."""
    for task in tasks:
        space = problem_of(task).space
        for name in names:
            absent = "" if name in pythons else engines.missing(name)
            if why := absent or engines.refusal(name, space, task.objectives):
                yield Refused(task.name, name, why)


def jobs(tasks: Sequence[Task], names: Sequence[str], n_seeds: int, refused: Iterable[Refused]) -> list[Job]:
    """Return all runs in order: a few seeds of every task first, so that engines can soon be compared everywhere."""
    out = {(each.task, each.engine) for each in refused}
    rounds = [range(first, min(first + N_SEEDS_IF_SLOW, n_seeds)) for first in range(0, n_seeds, N_SEEDS_IF_SLOW)]
    return [Job(task, name, seed) for seeds in rounds for task in tasks for seed in seeds for name in names if (task.name, name) not in out]


def is_to_do(job: Job, done: Mapping[tuple[str, str, int], Run]) -> bool:
    """Return whether a run is missing and wanted: a slow engine of others plays fewer seeds."""
    return job.key not in done and not (job.seed >= N_SEEDS_IF_SLOW and is_slow(job, done.values()))


def is_slow(job: Job, done: Iterable[Run]) -> bool:
    asks = [each for run in done if (run.task, run.engine) == (job.task.name, job.engine) for each in run.cpu_s]
    return job.engine in engines.PEERS and bool(asks) and statistics.fmean(asks) > SLOW_S


def make(job: Job, python: str = sys.executable) -> Run:
    """Make one run. A process that dies or takes too long is a result, too."""
    try:
        return Run.model_validate_json(
            ask_worker({"suite": "optimise", "task": job.task.model_dump(mode="json"), "engine": job.engine, "seed": job.seed}, python)
        )
    except Died as error:
        return Run(
            task=job.task.name,
            engine=job.engine,
            seed=job.seed,
            problem=str(error),
            fingerprint=job.task.fingerprint,
            surroundings=surroundings(job.engine),
        )


class Died(Exception):
    """A process of a run died, or took too long. It never leaves this package."""


def ask_worker(job: Mapping[str, Any], python: str) -> str:
    """Return the record that a process of its own prints for a job, as JSON. Raises Died."""
    command, environment = [python, "-m", "orchestrator.benchmarks.worker"], os.environ | ONE_THREAD
    try:
        done = subprocess.run(
            command, input=json.dumps(job), capture_output=True, text=True, timeout=LONGEST_S, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise Died(f"ended after {LONGEST_S:g} s") from None
    if done.returncode in (-signal.SIGINT, 130):
        raise KeyboardInterrupt
    if done.returncode != 0:
        raise Died(f"its process ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    return done.stdout.splitlines()[-1]
