"""Tasks that can be played: where to start, what a measurement reads, and what a point is truly worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from pathlib import Path

import numpy as np

from agents.feasible import draw
from agents.rows import from_unit, point_of, rows_of, satisfies
from instruments.data import bundled_sets
from instruments.measured_table import MeasuredTable, read_table
from orchestrator.benchmarks.functions import FUNCTIONS
from orchestrator.benchmarks.held_out import HELD_OUT
from orchestrator.benchmarks.tasks import Task, TopTarget
from orchestrator.domain.base import Point
from orchestrator.domain.chance import Stream, generator
from orchestrator.domain.space import Space

_START = 101
"""The stream of starting points; no agent draws from it."""
_FEWEST, _MOST = 5, 10
_LOG2_SOBOL = 12
_FUNCTIONS = {**FUNCTIONS, **HELD_OUT}


def problem_of(task: Task) -> "Problem":
    """Return a task that can be played."""
    if task.data is None:
        return Surface(task, Space(parameters=task.space, constraints=task.constraints))
    table = _table_of(task.data, tuple(task.objectives))
    return Pool(task, Space(parameters=table.parameters, candidates=table.candidates), table)


def _table_of(data: str, measured: Sequence[str]) -> MeasuredTable:
    """Return a bundled set, or a CSV by its path in which these columns were measured."""
    bundled = bundled_sets().get(data)
    if bundled is None:
        return read_table(Path(data), {name: name for name in measured})
    return read_table(bundled.path, {name: name for name in bundled.signals}, bundled.units)


@dataclass(frozen=True)
class Pool:
    """Measured settings with their replicates."""

    task: Task
    space: Space
    table: MeasuredTable

    def start(self, seed: int) -> Sequence[Point]:
        """Return the points that every engine is told first."""
        members = self.table.candidates
        chosen = np.random.default_rng([seed, _START]).choice(len(members), size=2, replace=False)
        return [members[index] for index in chosen]

    def measure(self, point: Point, *, seed: int, trial: int) -> Mapping[str, float]:
        """Return what an engine is told of a trial, counted from 1."""
        if not self.task.replicates:
            return dict(zip(self.task.objectives, self.truth(point, trial), strict=True))
        replicates = self.table.replicates_at(point)
        return replicates[int(generator(seed, Stream.INSTRUMENT, trial, 1).integers(len(replicates)))]

    def truth(self, point: Point, trial: int = 0) -> tuple[float, ...]:
        """Return what a point is worth, by objective; at any trial the same."""
        replicates = self.table.replicates_at(point)
        return tuple(float(np.mean([reading[name] for reading in replicates])) for name in self.task.objectives)

    @cached_property
    def values(self) -> np.ndarray:
        """Every member's true value of the first objective, shape (members,)."""
        return np.array([self.truth(member)[0] for member in self.table.candidates])

    @cached_property
    def threshold(self) -> float:
        """The true value of the worst of the top members."""
        ranked = np.sort(self.values) if self.task.goal == "minimise" else np.sort(self.values)[::-1]
        return float(ranked[self.n_top - 1])

    @property
    def n_top(self) -> int:
        return ceil(self._target.of_top * len(self.table.candidates))

    @property
    def n_wanted(self) -> int:
        """Top members to be found."""
        return ceil(self._target.share * self.n_top)

    @property
    def optimum(self) -> float:
        return float(self.values.min() if self.task.goal == "minimise" else self.values.max())

    @property
    def _target(self) -> TopTarget:
        assert isinstance(self.task.target, TopTarget)
        return self.task.target


@dataclass(frozen=True)
class Surface:
    """A test function, read with noise, drift and outliers."""

    task: Task
    space: Space

    def start(self, seed: int) -> Sequence[Point]:
        """Return the points that every engine is told first."""
        n = min(max(_FEWEST, 2 * len(self.space.parameters)), _MOST)
        return [point_of(self.space, row) for row in self._spread(seed)[:n]]

    def measure(self, point: Point, *, seed: int, trial: int) -> Mapping[str, float]:
        """Return what an engine is told of a trial, counted from 1."""
        rng = generator(seed, Stream.INSTRUMENT, trial, 1)
        readings = np.array(self.truth(point, trial)) + self.task.noise * rng.standard_normal(len(self.task.objectives))
        readings += self._drift(seed, trial) + self._outlier(rng)
        return dict(zip(self.task.objectives, readings.tolist(), strict=True))

    def truth(self, point: Point, trial: int) -> tuple[float, ...]:
        """Return what a point is worth at that trial, by objective."""
        return tuple(self.values_at(rows_of(self.space, [point]), trial)[0].tolist())

    def values_at(self, rows: np.ndarray, trial: int) -> np.ndarray:
        """Return true values of many rows, shape (rows, objectives)."""
        assert self.task.function is not None
        motion = np.array([self.task.motion.get(name, 0.0) for name in self.space.names])
        return _FUNCTIONS[self.task.function](rows - motion * self._elapsed(trial))

    @property
    def optimum(self) -> float:
        assert self.task.optimum is not None
        return self.task.optimum

    def _elapsed(self, trial: int) -> float:
        """Return the share of the budget that lies behind a trial."""
        return (trial - 1) / (self.task.budget - 1)

    def _drift(self, seed: int, trial: int) -> float:
        return (-1 if seed % 2 else 1) * self.task.drift * self._elapsed(trial)

    def _outlier(self, rng: np.random.Generator) -> float:
        outliers = self.task.outliers
        chance, size, side = rng.random(), rng.random(), rng.random()
        if outliers is None or chance >= outliers.share:
            return 0.0
        low, high = outliers.size
        return (1 if side < 0.5 else -1) * (low + size * (high - low))

    def _spread(self, seed: int) -> np.ndarray:
        """Return scrambled Sobol rows that satisfy the constraints; where these are thin, uniform ones after them."""
        from scipy.stats import qmc

        rng = np.random.default_rng([seed, _START])
        rows = from_unit(self.space, qmc.Sobol(len(self.space.parameters), rng=rng).random_base2(_LOG2_SOBOL))
        kept = rows[satisfies(self.space, rows)]
        return kept if len(kept) >= _MOST else np.vstack([kept, draw(self.space, rng, _MOST)])


Problem = Pool | Surface
"""A task that can be played."""
