"""The optimise suite: measurements until a target that was fixed beforehand."""

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from orchestrator.benchmarks import engines, page
from orchestrator.benchmarks.optimise_report import report, soonest_first
from orchestrator.benchmarks.own_tasks import tasks_in
from orchestrator.benchmarks.records import Run, append, runs_in
from orchestrator.benchmarks.running import Job, is_to_do, jobs, make, refusals
from orchestrator.benchmarks.standings import contests
from orchestrator.benchmarks.suites import Wish
from orchestrator.benchmarks.tasks import all_tasks, named


class OptimiseSuite:
    """Every engine, every task, every seed: one process each."""

    def __init__(self, wish: Wish) -> None:
        known = engines.all_engines()
        self._known = all_tasks() if wish.own_tasks is None else tasks_in(wish.own_tasks)
        self._tasks = tuple(self._known[name] for name in named(wish.tasks, self._known, "task"))
        self._engines = named(wish.engines, known, "engine")
        self._wish = wish
        self._file = wish.results / "optimise.jsonl"
        self._refused = tuple(refusals(self._tasks, self._engines, wish.pythons)) if wish.n_seeds else ()

    def list_tasks(self) -> Iterable[tuple[str, str]]:
        return [(task.name, f"{task.kind}: {task.about}") for task in self._tasks]

    def list_engines(self) -> Iterable[tuple[str, str, str]]:
        known = engines.all_engines()
        return [(name, known[name], engines.missing(name) or "installed") for name in self._engines]

    def notes(self) -> Iterator[str]:
        """Yield each reason once, with the tasks it concerns."""
        reasons = dict.fromkeys((each.engine, each.why) for each in self._refused)
        for engine, why in reasons:
            tasks = [each.task for each in self._refused if (each.engine, each.why) == (engine, why)]
            on = "" if len(tasks) == len(self._tasks) else f" on {', '.join(tasks)}"
            yield f"without {engine}{on}: {why}"

    def n_missing(self) -> int:
        return len(self._missing())

    def run(self, *, begun: Callable[[str], None], ended: Callable[[str], None]) -> None:
        done = {run.key: run for run in self._runs()}
        for job in self._missing():
            if not is_to_do(job, done):
                ended("")
                continue
            begun(f"{job.task.name} · {job.engine} · seed {job.seed}")
            run = make(job, self._wish.pythons.get(job.engine, sys.executable))
            append(self._file, run)
            done[run.key] = run
            ended(_line(run))

    def in_short(self) -> Iterator[str]:
        for contest in contests(self._runs(), self._tasks):
            yield f"{contest.task.name}: measurements to the target: {soonest_first(contest)}"

    def write(self) -> Path:
        return page.write_section(self._wish.results, "optimise", report(self._runs(), self._known.values()))

    def _runs(self) -> tuple[Run, ...]:
        """Return what was made of the tasks as they are now."""
        prints = {name: task.fingerprint for name, task in self._known.items()}
        return tuple(run for run in runs_in(self._file) if prints.get(run.task) == run.fingerprint)

    def _missing(self) -> list[Job]:
        done = {run.key: run for run in self._runs()}
        return [job for job in jobs(self._tasks, self._engines, self._wish.n_seeds, self._refused) if is_to_do(job, done)]


def _line(run: Run) -> str:
    reached = f"target after {run.measurements}" if run.measurements else f"no target in {len(run.truths)}"
    per_ask = sum(run.cpu_s) / max(1, len(run.cpu_s))
    return f"{run.task} · {run.engine} · seed {run.seed}: {run.problem or reached}, {per_ask:.3f} CPU s per ask"
