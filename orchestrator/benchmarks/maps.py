"""The map suite: pixels until a map is known to within an error."""

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from orchestrator.benchmarks import map_engines, page
from orchestrator.benchmarks.map_report import fewest_first, report
from orchestrator.benchmarks.mapping import TARGETS, MapTask, all_maps, points_to
from orchestrator.benchmarks.records import MapRun, append, map_runs_in
from orchestrator.benchmarks.running import Died, ask_worker
from orchestrator.benchmarks.suites import Wish
from orchestrator.benchmarks.surroundings import surroundings
from orchestrator.benchmarks.tasks import named


class MapSuite:
    """Every engine, every map, every seed; a grid needs one seed only."""

    def __init__(self, wish: Wish) -> None:
        self._maps = tuple(all_maps()[name] for name in named(wish.tasks, all_maps(), "map"))
        self._engines = named(wish.engines, map_engines.all_map_engines(), "engine")
        self._wish = wish
        self._file = wish.results / "map.jsonl"
        self._absent = {name: why for name in self._engines if name not in wish.pythons and (why := map_engines.missing(name))}

    def list_tasks(self) -> Iterable[tuple[str, str]]:
        return [(task.name, task.about) for task in self._maps]

    def list_engines(self) -> Iterable[tuple[str, str, str]]:
        known = map_engines.all_map_engines()
        return [(name, known[name], map_engines.missing(name) or "installed") for name in self._engines]

    def notes(self) -> Iterator[str]:
        yield from (f"without {name}: {why}" for name, why in self._absent.items() if self._wish.n_seeds)

    def n_missing(self) -> int:
        return len(self._missing())

    def run(self, *, begun: Callable[[str], None], ended: Callable[[str], None]) -> None:
        for task, seed, name in self._missing():
            begun(f"{task.name} · {name} · seed {seed}")
            made = self._make(task, seed, name)
            append(self._file, made)
            ended(f"{task.name} · {name} · seed {seed}: {made.problem or _reached(made)}")

    def in_short(self) -> Iterator[str]:
        runs = map_runs_in(self._file)
        for task in self._maps:
            if any(run.map == task.name for run in runs):
                yield f"{task.name}: pixels to an error of {TARGETS[0]:.0%}: {fewest_first(runs, task.name)}"

    def write(self) -> Path:
        return page.write_section(self._wish.results, "map", report(map_runs_in(self._file)))

    def _make(self, task: MapTask, seed: int, name: str) -> MapRun:
        job = {"suite": "map", "map": task.name, "engine": name, "seed": seed}
        try:
            return MapRun.model_validate_json(ask_worker(job, self._wish.pythons.get(name, sys.executable)))
        except Died as error:
            return MapRun(map=task.name, engine=name, seed=seed, problem=str(error), surroundings=surroundings(name))

    def _missing(self) -> list[tuple[MapTask, int, str]]:
        done = {made.key for made in map_runs_in(self._file)}
        return [
            (task, seed, name)
            for seed in range(self._wish.n_seeds)
            for task in self._maps
            for name in self._engines
            if (task.name, name, seed) not in done and name not in self._absent and (seed == 0 or name != "grid")
        ]


def _reached(made: MapRun) -> str:
    found = [(target, points_to(made.looks, target)) for target in TARGETS]
    return ", ".join(f"{target:.0%} error after {n}" if n else f"no {target:.0%} error in {made.looks[-1][0]}" for target, n in found)
