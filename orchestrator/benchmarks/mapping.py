"""Maps that can be measured pixel by pixel, and how well a few pixels tell the rest."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from itertools import pairwise

import numpy as np

from orchestrator.benchmarks.map_engines import MapEngine, build, grid_of
from orchestrator.benchmarks.reconstruction import Reconstruction
from orchestrator.benchmarks.records import MapRun
from orchestrator.benchmarks.surroundings import peak_mb, surroundings
from orchestrator.domain.base import Value

TARGETS = (0.10, 0.05)
_N_START = 10
_START = 303
"""The stream of starting pixels."""
_GROWTH = 1.04
"""Pixels between two looks at the error, as a factor."""


class MapTask(Value):
    """One map of the suite."""

    name: str
    file: str
    about: str
    budget: int


@dataclass(frozen=True)
class MeasuredMap:
    """A map whose every pixel is known."""

    task: MapTask
    image: np.ndarray
    """Shape (rows, columns)."""

    @cached_property
    def pixels(self) -> np.ndarray:
        """Row and column of every pixel, shape (pixels, 2)."""
        return np.argwhere(np.ones(self.image.shape, dtype=bool)).astype(float)

    @cached_property
    def values(self) -> np.ndarray:
        return self.image.ravel()

    @cached_property
    def span(self) -> float:
        """The 99th less the 1st percentile."""
        low, high = np.percentile(self.values, [1, 99])
        return float(high - low)

    def error(self, estimate: np.ndarray) -> float:
        """Return the RMSE of an estimate of all pixels over the span."""
        return float(np.sqrt(np.mean((estimate - self.values) ** 2)) / self.span)

    def start(self, seed: int) -> np.ndarray:
        """Return the pixels that every engine is told first."""
        return np.random.default_rng([seed, _START]).choice(len(self.values), size=_N_START, replace=False)


@cache
def all_maps() -> Mapping[str, MapTask]:
    """Return the maps by name."""
    from ruamel.yaml import YAML

    written = YAML(typ="safe").load((files("orchestrator.benchmarks.map_data") / "maps.yaml").read_text(encoding="utf-8"))
    return {name: MapTask.model_validate({"name": name, **body}) for name, body in written.items()}


def map_of(task: MapTask) -> MeasuredMap:
    """Return a map that can be measured."""
    text = (files("orchestrator.benchmarks.map_data") / task.file).read_text(encoding="utf-8")
    return MeasuredMap(task, np.array([[float(cell) for cell in line.split(",")] for line in text.splitlines()]))


def play_map(task: MapTask, name: str, seed: int) -> MapRun:
    """Return one run: what an engine's pixels tell of the whole map, as they grow in number."""
    measured, cpu, failure = map_of(task), list[float](), ""
    looks: list[tuple[int, float]] = []
    try:
        if name == "grid":
            looks = _looks_at_grids(measured)
        else:
            engine = build(name, measured.image.shape, seed)
            looks = _looks_along(measured, engine, measured.start(seed), cpu)
    except Exception as error:  # somebody else's engine may raise anything; that is a result
        failure = f"{type(error).__name__}: {error}"[:300]
    return MapRun(
        map=task.name,
        engine=name,
        seed=seed,
        looks=tuple((n, round(error, 5)) for n, error in looks),
        cpu_s=round(float(np.mean(cpu)), 5) if cpu else None,
        peak_mb=peak_mb(),
        problem=failure,
        surroundings=surroundings(name),
    )


def points_to(looks: Sequence[tuple[int, float]], target: float) -> int | None:
    """Return the fewest pixels from which on two looks in a row met the target: one alone may be luck."""
    for (n, error), (_, next_error) in pairwise(looks):
        if max(error, next_error) <= target:
            return n
    return None


def _looks_along(measured: MeasuredMap, engine: MapEngine, start: np.ndarray, cpu: list[float]) -> list[tuple[int, float]]:
    reconstruction, chosen, looks = Reconstruction(measured.pixels), list[int](), list[tuple[int, float]]()
    due = float(_N_START)
    while len(chosen) < measured.task.budget and (not looks or points_to(looks, min(TARGETS)) is None):
        before = time.process_time()
        pixel = int(start[len(chosen)]) if len(chosen) < len(start) else engine.ask()
        engine.tell(pixel, float(measured.values[pixel]))
        if len(chosen) >= len(start):
            cpu.append(time.process_time() - before)
        chosen.append(pixel)
        if len(chosen) >= due:
            looks.append((len(chosen), _error(measured, reconstruction, np.array(chosen))))
            due = max(due * _GROWTH, due + 1)
    return looks


def _looks_at_grids(measured: MeasuredMap) -> list[tuple[int, float]]:
    """Return errors of ever finer grids: what a scan without any thinking would have told."""
    reconstruction, looks, due = Reconstruction(measured.pixels), list[tuple[int, float]](), float(_N_START)
    while due <= measured.task.budget and points_to(looks, min(TARGETS)) is None:
        pixels = grid_of(measured.image.shape, round(due))
        if not looks or len(pixels) > looks[-1][0]:
            looks.append((len(pixels), _error(measured, reconstruction, pixels)))
        due *= _GROWTH
    return looks


def _error(measured: MeasuredMap, reconstruction: Reconstruction, chosen: np.ndarray) -> float:
    unique = np.unique(chosen)
    return min(measured.error(estimate) for estimate in reconstruction.estimates(unique, measured.values[unique]))
