"""A person's own measured table is a task in three lines; what cannot be one says why and where."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from instruments.data import bundled_sets
from orchestrator.benchmarks.optimise import OptimiseSuite
from orchestrator.benchmarks.own_tasks import tasks_in
from orchestrator.benchmarks.playing import play
from orchestrator.benchmarks.problems import problem_of
from orchestrator.benchmarks.records import runs_in
from orchestrator.benchmarks.suites import Wish
from orchestrator.benchmarks.tasks import Task, all_tasks
from orchestrator.cli.app import app
from orchestrator.domain.errors import BadInput

FILMS = "films:\n  data: films.csv\n  objectives: {instability: minimise}\n"


def written(folder: Path, text: str = FILMS, table: str | None = None) -> Path:
    """Write tasks and their table into a folder; by default the bundled perovskites, under another name."""
    (folder / "films.csv").write_text(bundled_sets()["perovskite"].path.read_text() if table is None else table)
    (folder / "mine.yaml").write_text(text)
    return folder / "mine.yaml"


def test_three_lines_make_the_task_that_we_made_of_the_same_table(tmp_path: Path):
    own, ours = tasks_in(written(tmp_path))["films"], all_tasks()["perovskite"]
    assert (own.budget, own.target, own.kind) == (ours.budget, ours.target, "own")
    assert own.about == "94 settings of cspbi, fapbi, mapbi"
    assert play(problem_of(own), "random", 1).truths == play(problem_of(ours), "random", 1).truths
    assert Task.model_validate(own.model_dump(mode="json")) == own


def test_what_is_written_overrides_what_is_usual(tmp_path: Path):
    text = f"{FILMS}  replicates: true\n  budget: 20\n  target: {{share: 0.5, of_top: 0.1}}\n  about: last winter's films\n"
    task = tasks_in(written(tmp_path, text))["films"]
    assert (task.replicates, task.budget, task.about) == (True, 20, "last winter's films")
    assert task.target.model_dump() == {"share": 0.5, "of_top": 0.1}


def test_no_budget_is_larger_than_the_table(tmp_path: Path):
    assert tasks_in(written(tmp_path, f"{FILMS}  budget: 500\n"))["films"].budget == 94


def test_own_tasks_are_played_in_processes_of_their_own_and_land_on_a_page_beside_their_file(tmp_path: Path):
    path = written(tmp_path)
    suite = OptimiseSuite(Wish(tasks=(), engines=("random",), n_seeds=2, results=tmp_path / "benchmarks", own_tasks=path))
    suite.run(begun=lambda _: None, ended=lambda _: None)
    assert [(run.task, run.problem) for run in runs_in(tmp_path / "benchmarks" / "optimise.jsonl")] == [("films", "")] * 2
    assert list(suite.in_short()) == ["films: measurements to the target: random ≥ 60.5"], "58 with one seed, not in 63 with the other"
    page = suite.write().read_text()
    assert "### Own tasks" in page
    assert "4 of the best 5 of 94" in page
    assert "perovskite" not in page


def test_what_was_made_before_a_table_changed_is_made_anew(tmp_path: Path):
    def suite() -> OptimiseSuite:
        return OptimiseSuite(Wish(tasks=(), engines=("random",), n_seeds=1, results=tmp_path, own_tasks=tmp_path / "mine.yaml"))

    written(tmp_path)
    suite().run(begun=lambda _: None, ended=lambda _: None)
    assert suite().n_missing() == 0
    written(tmp_path, f"{FILMS}  about: only other words\n")
    assert suite().n_missing() == 0
    written(tmp_path, table=bundled_sets()["perovskite"].path.read_text().replace("480185", "480186"))
    assert suite().n_missing() == 1
    assert list(suite().in_short()) == []


@pytest.mark.parametrize(
    ("text", "table", "message"),
    [
        ("films:\n  data: film.csv\n  objectives: {y: minimise}\n", None, "film.csv"),
        ("films:\n  data: films.csv\n  objectives: {y: minimize}\n", None, r"mine.yaml:3: films.objectives.y = .*did you mean 'minimise'"),
        ("films:\n  data: films.csv\n", None, r"mine.yaml:1: films.objectives"),
        ("films:\n  data: films.csv\n  objectives: {hardness: maximise}\n", None, "hardness"),
        ("films:\n  data: films.csv\n  objectives: {y: maximise}\n", "x,y\n1,2\n2,3\n", "has 2 settings, fewer than 10"),
        (
            "films:\n  data: films.csv\n  objectives: {a: maximise, b: minimise}\n",
            None,
            "films.objectives: has 2 entries; give at most 1",
        ),
        ("films\n", None, "mine.yaml:1: a file of tasks is a mapping of their names"),
    ],
)
def test_what_is_no_task_says_why_and_where(tmp_path: Path, text: str, table: str | None, message: str):
    with pytest.raises(BadInput, match=message):
        tasks_in(written(tmp_path, text, table))


def test_a_file_that_is_not_there_and_another_suite_are_refused():
    with pytest.raises(BadInput, match=r"--tasks nowhere.yaml: .*No such file"):
        tasks_in(Path("nowhere.yaml"))
    refused = CliRunner().invoke(app, ["bench", "--suite", "map", "--tasks", "mine.yaml"])
    assert refused.exit_code == 2
    assert "--tasks is for --suite optimise, not map" in refused.output
