"""bench: what there is, what is refused, and that it goes on where it stopped."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestrator.cli.app import app
from orchestrator.wording.installing import how_to_install


def bench(*arguments: str, folder: Path) -> tuple[int, str]:
    """Return the exit code and what was said on either stream."""
    done = CliRunner().invoke(app, ["bench", *arguments, "--results", str(folder / "benchmarks")])
    return done.exit_code, done.output


@pytest.mark.parametrize(
    ("suite", "task", "engine"), [("optimise", "perovskite", "ax"), ("map", "wse2", "log-gp"), ("latency", "6d-1000", "xopt")]
)
def test_the_list_names_tasks_and_engines(tmp_path: Path, suite: str, task: str, engine: str):
    code, said = bench("--suite", suite, "--list", folder=tmp_path)
    assert code == 0
    assert task in said
    assert engine in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--task", "brannin"), "no task is called 'brannin'; did you mean 'branin'?"),
        (("--engine", "bayesain"), "no engine is called 'bayesain'; did you mean 'bayesian'?"),
        (("--suite", "map", "--task", "wse3"), "no map is called 'wse3'; did you mean 'wse2'?"),
        (("--python", "baybe"), "--python baybe is not ENGINE=PATH"),
        (("--python", "bayby=/"), "no engine is called 'bayby'; did you mean 'baybe'?"),
    ],
)
def test_what_does_not_exist_is_refused_with_the_nearest(tmp_path: Path, arguments: tuple[str, ...], message: str):
    code, said = bench(*arguments, folder=tmp_path)
    assert code == 2
    assert message in said
    assert not list(tmp_path.iterdir())


def test_a_run_is_made_kept_and_shown_once(tmp_path: Path):
    chosen = ("--task", "perovskite", "--engine", "random", "--seeds", "1")
    code, said = bench(*chosen, folder=tmp_path)
    assert code == 0
    assert "perovskite · random · seed 0:" in said
    assert "random" in (tmp_path / "benchmarks.md").read_text()
    _, again = bench(*chosen, folder=tmp_path)
    assert "seed 0" not in again
    assert len((tmp_path / "benchmarks" / "optimise.jsonl").read_text().splitlines()) == 1


def test_what_is_not_installed_is_left_out_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("orchestrator.benchmarks.engines._version", lambda _: "")
    code, said = bench("--engine", "baybe", "--seeds", "1", folder=tmp_path)
    assert code == 0
    assert f"without baybe: baybe is not installed; {how_to_install('peers')}" in said


def test_ctrl_c_stops_and_says_how_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("orchestrator.benchmarks.optimise.make", interrupted)
    code, said = bench("--task", "branin", "--engine", "random", "--seeds", "1", folder=tmp_path)
    assert code == 130
    assert "the same command goes on where this one was" in said
