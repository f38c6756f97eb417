"""The latency suite: CPU seconds of one ask, engines in turn, so that a busy machine is busy for all of them."""

import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agents.rows import from_unit, point_of
from orchestrator.benchmarks import engines, page
from orchestrator.benchmarks.latency_report import cpu_medians, report
from orchestrator.benchmarks.problems import Surface, problem_of
from orchestrator.benchmarks.records import Latency, append, latencies_in
from orchestrator.benchmarks.running import Died, ask_worker
from orchestrator.benchmarks.suites import Wish
from orchestrator.benchmarks.surroundings import peak_mb, surroundings
from orchestrator.benchmarks.tables import seconds
from orchestrator.benchmarks.tasks import all_tasks, named

N_ROUNDS = 3
_SIZES = (10, 50, 200, 500, 1000)
_FUNCTIONS = {2: "branin", 6: "hartmann6"}
_DATA = 202
"""The stream of the points that are told beforehand."""


@dataclass(frozen=True, slots=True)
class Load:
    """How much an engine has been told when it is asked."""

    n_dimensions: int
    n_told: int

    @property
    def name(self) -> str:
        return f"{self.n_dimensions}d-{self.n_told}"

    @property
    def n_asks(self) -> int:
        """Asks in a round: three rounds of one are enough where an ask takes a minute."""
        return 1 if self.n_told >= max(_SIZES) else 3


LOADS: Mapping[str, Load] = {load.name: load for load in (Load(d, n) for n in _SIZES for d in _FUNCTIONS)}


def measure(load: Load, name: str, number: int) -> Latency:
    """Return what one round of asks takes: each follows the telling of one new value.

    The data told beforehand are the same for all engines. The first ask is not timed: an engine may have more to do when it
    meets so many data at once than when one comes after the other.
    """
    problem = problem_of(all_tasks()[_FUNCTIONS[load.n_dimensions]])
    assert isinstance(problem, Surface)
    engine = engines.build(name, problem.space, problem.task.objectives, number)
    rows = from_unit(problem.space, np.random.default_rng([number, _DATA]).random((load.n_told - 1, load.n_dimensions)))
    for row in rows:
        point = point_of(problem.space, row)
        engine.tell(point, problem.measure(point, seed=number, trial=1))
    cpu, wall = list[float](), list[float]()
    point = engine.ask()
    for _ in range(load.n_asks):
        reading = problem.measure(point, seed=number, trial=1)
        before = time.process_time(), time.perf_counter()
        engine.tell(point, reading)
        point = engine.ask()
        cpu.append(round(time.process_time() - before[0], 5))
        wall.append(round(time.perf_counter() - before[1], 5))
    return Latency(
        load=load.name,
        engine=name,
        number=number,
        cpu_s=tuple(cpu),
        wall_s=tuple(wall),
        peak_mb=peak_mb(),
        surroundings=surroundings(name),
    )


class LatencySuite:
    """Every engine at every load, in rounds."""

    def __init__(self, wish: Wish) -> None:
        self._loads = tuple(LOADS[name] for name in named(wish.tasks, LOADS, "task"))
        self._engines = named(wish.engines, engines.all_engines(), "engine")
        self._wish = wish
        self._file = wish.results / "latency.jsonl"
        self._n_rounds = min(N_ROUNDS, wish.n_seeds)
        self._absent = {name: why for name in self._engines if name not in wish.pythons and (why := engines.missing(name))}

    def list_tasks(self) -> Iterable[tuple[str, str]]:
        return [(load.name, f"one ask in {load.n_dimensions} dimensions after {load.n_told} measurements") for load in self._loads]

    def list_engines(self) -> Iterable[tuple[str, str, str]]:
        known = engines.all_engines()
        return [(name, known[name], engines.missing(name) or "installed") for name in self._engines]

    def notes(self) -> Iterator[str]:
        yield from (f"without {name}: {why}" for name, why in self._absent.items() if self._n_rounds)

    def n_missing(self) -> int:
        return len(self._missing())

    def run(self, *, begun: Callable[[str], None], ended: Callable[[str], None]) -> None:
        for load, number, name in self._missing():
            begun(f"{load.name} · {name} · round {number + 1}")
            made = self._make(load, number, name)
            append(self._file, made)
            ended(f"{load.name} · {name} · round {number + 1}: {made.problem or f'{statistics.median(made.cpu_s):.4f} CPU s per ask'}")

    def in_short(self) -> Iterator[str]:
        medians = cpu_medians(latencies_in(self._file))
        for load in self._loads:
            ranked = sorted((cpu, engine) for (engine, name), cpu in medians.items() if name == load.name)
            if ranked:
                yield f"{load.name}: CPU s per ask: {', '.join(f'{engine} {seconds(cpu)}' for cpu, engine in ranked)}"

    def write(self) -> Path:
        return page.write_section(self._wish.results, "latency", report(latencies_in(self._file)))

    def _make(self, load: Load, number: int, name: str) -> Latency:
        job = {"suite": "latency", "load": load.name, "engine": name, "number": number}
        try:
            return Latency.model_validate_json(ask_worker(job, self._wish.pythons.get(name, sys.executable)))
        except Died as error:
            return Latency(load=load.name, engine=name, number=number, problem=str(error), surroundings=surroundings(name))

    def _missing(self) -> list[tuple[Load, int, str]]:
        done = {made.key for made in latencies_in(self._file)}
        return [
            (load, number, name)
            for load in self._loads
            for number in range(self._n_rounds)
            for name in self._engines
            if (load.name, name, number) not in done and name not in self._absent
        ]
