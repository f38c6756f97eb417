"""One run: an engine plays a task from one seed."""

import time
from dataclasses import dataclass, field

import numpy as np

from orchestrator.benchmarks import engines
from orchestrator.benchmarks.metrics import dominated_area
from orchestrator.benchmarks.problems import Pool, Problem
from orchestrator.benchmarks.records import Run
from orchestrator.benchmarks.surroundings import peak_mb, surroundings
from orchestrator.benchmarks.tasks import Task, ValueTarget
from orchestrator.domain.base import Point


@dataclass(slots=True)
class Track:
    """What has been measured so far, and when the target was reached."""

    problem: Problem
    points: list[Point] = field(default_factory=list)
    truths: list[tuple[float, ...]] = field(default_factory=list)
    hits: list[int] = field(default_factory=list)
    measurements: int | None = None

    def add(self, point: Point) -> None:
        """Take the next measurement into account."""
        trial = len(self.points) + 1
        truth = self.problem.truth(point, trial)
        if isinstance(self.problem, Pool) and _is_top(self.problem, truth[0]) and dict(point) not in map(dict, self.points):
            self.hits.append(trial)
        self.points.append(point)
        self.truths.append(truth)
        if self.measurements is None and trial > self.task.counts_after and self._is_there():
            self.measurements = trial - self.task.counts_after

    @property
    def task(self) -> Task:
        return self.problem.task

    @property
    def is_over(self) -> bool:
        """A pool is over at its target; on a function the regret after the whole budget is wanted, too."""
        found_all = isinstance(self.problem, Pool) and self.measurements is not None
        return found_all or len(self.points) >= self.task.budget

    def _is_there(self) -> bool:
        if isinstance(self.problem, Pool):
            return len(self.hits) >= self.problem.n_wanted
        target = self.task.target
        assert isinstance(target, ValueTarget)
        if self.task.reference is not None:
            return dominated_area(np.array(self.truths), self.task.reference) >= target.value
        return is_as_good(self.truths[-1][0], target.value, self.task.goal)


def is_as_good(value: float, threshold: float, goal: str) -> bool:
    """Return whether a value is at least as good as another."""
    return value <= threshold if goal == "minimise" else value >= threshold


def _is_top(pool: Pool, value: float) -> bool:
    return is_as_good(value, pool.threshold, pool.task.goal)


def play(problem: Problem, name: str, seed: int) -> Run:
    """Return one run. What an engine raises ends the run and is recorded."""
    track, cpu, failure = Track(problem), list[float](), ""
    began = time.perf_counter()
    try:
        engine = engines.build(name, problem.space, problem.task.objectives, seed, reference=problem.task.reference)
        for point in problem.start(seed):
            _measure(engine, track, point, seed)
        while not track.is_over:
            before = time.process_time()
            point = engine.ask()
            cpu.append(time.process_time() - before)
            cpu[-1] += _measure(engine, track, point, seed)
    except Exception as error:  # somebody else's optimiser may raise anything; that is a result
        failure = f"{type(error).__name__} after {len(track.points)} measurements: {error}"[:300]
    return Run(
        task=problem.task.name,
        engine=name,
        seed=seed,
        measurements=track.measurements,
        hits=tuple(track.hits),
        truths=tuple(tuple(_rounded(value) for value in truth) for truth in track.truths),
        cpu_s=tuple(round(each, 4) for each in cpu),
        wall_s=round(time.perf_counter() - began, 3),
        peak_mb=peak_mb(),
        pool=engines.pool_use(name) if isinstance(problem, Pool) else "",
        problem=failure,
        fingerprint=problem.task.fingerprint,
        surroundings=surroundings(name),
    )


def _measure(engine: engines.Engine, track: Track, point: Point, seed: int) -> float:
    """Measure a point and tell the engine; return the CPU seconds of telling."""
    if problems := track.problem.space.problems(point):
        raise ValueError(f"suggested outside the space: {problems[0]}")
    reading = track.problem.measure(point, seed=seed, trial=len(track.points) + 1)
    track.add(point)
    before = time.process_time()
    engine.tell(point, reading)
    return time.process_time() - before


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")
