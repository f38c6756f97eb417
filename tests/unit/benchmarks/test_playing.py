"""Runs: the target is noticed, what an engine raises is a result, every run is kept and none is made twice."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from orchestrator.benchmarks import engines, running
from orchestrator.benchmarks.optimise import OptimiseSuite
from orchestrator.benchmarks.playing import play
from orchestrator.benchmarks.problems import Pool, problem_of
from orchestrator.benchmarks.records import Run, Surroundings, append, runs_in
from orchestrator.benchmarks.suites import Wish
from orchestrator.benchmarks.tasks import all_tasks
from orchestrator.domain.base import Point
from orchestrator.domain.errors import BadInput
from orchestrator.domain.space import Space

HERE = Surroundings(day="2026-11-21", machine="a bench", versions={"python": "3.11"})


class Scripted:
    """Suggests given points, and raises after the last."""

    def __init__(self, points: list[Point]) -> None:
        self._points = points
        self.told: list[Point] = []

    def ask(self) -> Point:
        return self._points.pop(0)

    def tell(self, point: Point, values: Mapping[str, float]) -> None:
        self.told.append(point)


def scripted(monkeypatch: pytest.MonkeyPatch, points: list[Point]) -> Scripted:
    engine = Scripted(points)

    def build(name: str, space: Space, objectives: engines.Objectives, seed: int, **_: Any) -> Scripted:
        return engine

    monkeypatch.setattr(engines, "build", build)
    return engine


def best_members(pool: Pool) -> list[Point]:
    ranked = sorted(pool.table.candidates, key=lambda member: pool.truth(member)[0])
    return [member for member in ranked if member not in pool.start(0)]


def test_an_oracle_needs_the_start_and_the_wanted_members(monkeypatch: pytest.MonkeyPatch):
    pool = problem_of(all_tasks()["perovskite"])
    assert isinstance(pool, Pool)
    engine = scripted(monkeypatch, best_members(pool))
    run = play(pool, "random", 0)
    assert run.measurements == 6
    assert run.hits == (3, 4, 5, 6)
    assert engine.told[:2] == list(pool.start(0))
    assert len(run.cpu_s) == 4


def test_a_member_that_is_measured_again_counts_once(monkeypatch: pytest.MonkeyPatch):
    pool = problem_of(all_tasks()["perovskite"])
    assert isinstance(pool, Pool)
    scripted(monkeypatch, [best_members(pool)[0]] * 80)
    run = play(pool, "random", 0)
    assert run.hits == (3,)
    assert run.measurements is None
    assert len(run.truths) == pool.task.budget


def test_what_an_engine_raises_ends_the_run_and_is_kept(monkeypatch: pytest.MonkeyPatch):
    scripted(monkeypatch, [{"x1": 0.0, "x2": 0.0}])
    run = play(problem_of(all_tasks()["branin"]), "random", 0)
    assert run.problem == "IndexError after 6 measurements: pop from empty list"
    assert run.measurements is None
    scripted(monkeypatch, [{"x1": 99.0, "x2": 0.0}])
    assert "suggested outside the space: x1 = 99" in play(problem_of(all_tasks()["branin"]), "random", 0).problem


def test_a_function_is_played_to_the_end_of_its_budget(monkeypatch: pytest.MonkeyPatch):
    scripted(monkeypatch, [{"x1": 3.14159, "x2": 2.275}] * 50)
    run = play(problem_of(all_tasks()["branin"]), "random", 0)
    assert run.measurements == 6
    assert len(run.truths) == 50


def test_with_a_moving_optimum_early_luck_does_not_count(monkeypatch: pytest.MonkeyPatch):
    early = [{"x1": 3.14159, "x2": 2.275}] * 30
    later = [{"x1": 3.14159 + 3.0 * trial / 59, "x2": 2.275} for trial in range(35, 60)]
    scripted(monkeypatch, [*early, *later])
    assert play(problem_of(all_tasks()["branin-moving"]), "random", 0).measurements == 6


@pytest.mark.parametrize("task", ["agnp", "mixed", "hartmann6-constrained", "branin-currin"])
def test_our_agents_play_every_kind_of_task(task: str):
    short = all_tasks()[task].model_copy(update={"budget": 13})
    run = play(problem_of(short), "sobol", 1)
    assert run.problem == ""
    assert len(run.truths) == 13
    assert Run.model_validate_json(run.model_dump_json()) == run


def a_run(task: str, engine: str, seed: int, **changes: Any) -> Run:
    return Run.model_validate({"task": task, "engine": engine, "seed": seed, "surroundings": HERE, **changes})


def a_suite(folder: Path, *, n_seeds: int = 2, names: tuple[str, ...] = ("random",)) -> OptimiseSuite:
    return OptimiseSuite(Wish(tasks=["branin"], engines=names, n_seeds=n_seeds, results=folder / "benchmarks"))


def test_runs_are_made_once_in_processes_of_their_own(tmp_path: Path):
    ended: list[str] = []
    a_suite(tmp_path).run(begun=lambda _: None, ended=ended.append)
    assert len(ended) == 2
    file = tmp_path / "benchmarks" / "optimise.jsonl"
    kept = file.read_text()
    assert [run.seed for run in runs_in(file)] == [0, 1]
    again = a_suite(tmp_path)
    assert again.n_missing() == 0
    again.run(begun=lambda _: pytest.fail("made again"), ended=ended.append)
    assert file.read_text() == kept
    assert "branin" in again.write().read_text()


def test_a_line_that_was_cut_short_is_made_again_and_spoils_nothing(tmp_path: Path):
    file = tmp_path / "benchmarks" / "optimise.jsonl"
    append(file, a_run("branin", "random", 0))
    with file.open("a") as half:
        half.write('{"task": "bran')
    assert a_suite(tmp_path).n_missing() == 1
    append(file, a_run("branin", "random", 1))
    assert [run.seed for run in runs_in(file)] == [0, 1]


def test_of_two_runs_with_one_key_the_last_counts(tmp_path: Path):
    for measurements in (30, 20):
        append(tmp_path / "optimise.jsonl", a_run("branin", "random", 0, measurements=measurements))
    assert [run.measurements for run in runs_in(tmp_path / "optimise.jsonl")] == [20]


def test_a_file_of_something_else_is_refused(tmp_path: Path):
    file = tmp_path / "optimise.jsonl"
    file.write_text("{}\n")
    with pytest.raises(BadInput, match="move it away"):
        runs_in(file)


def test_a_process_that_dies_is_a_result(monkeypatch: pytest.MonkeyPatch):
    job = running.Job(all_tasks()["branin"], "random", 0)
    run = running.make(job, "/bin/false")
    assert run.problem.startswith("its process ended with 1")
    assert run.measurements is None


def test_a_slow_engine_of_others_plays_fewer_seeds():
    task = all_tasks()["branin"]
    slow = {run.key: run for run in (a_run("branin", "ax", seed, cpu_s=(1.2, 2.0)) for seed in range(5))}
    assert not running.is_to_do(running.Job(task, "ax", 5), slow)
    assert running.is_to_do(running.Job(task, "ax", 4), {})
    ours = {run.key: run for run in (a_run("branin", "bayesian", seed, cpu_s=(1.2, 2.0)) for seed in range(5))}
    assert running.is_to_do(running.Job(task, "bayesian", 5), ours)


def test_a_few_seeds_of_every_task_come_first():
    tasks = [all_tasks()[name] for name in ("branin", "hartmann6")]
    order = [(job.task.name, job.seed) for job in running.jobs(tasks, ["random"], 7, [])]
    assert order[:10] == [("branin", seed) for seed in range(5)] + [("hartmann6", seed) for seed in range(5)]
    assert order[10:] == [("branin", 5), ("branin", 6), ("hartmann6", 5), ("hartmann6", 6)]
