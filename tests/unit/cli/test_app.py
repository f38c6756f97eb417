"""Commands, exit codes and what goes to which stream."""

import json
import subprocess
import sys
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from orchestrator import bootstrap
from orchestrator.bootstrap import CheckReport, Outcome, ReplayReport
from orchestrator.campaign_file import CampaignFile
from orchestrator.cli.app import app
from orchestrator.domain.campaign import Status
from orchestrator.domain.errors import InstrumentError, LeaseLost, LedgerCorrupt, SpecError
from orchestrator.domain.events import chain_hash

HEAD = "ab" * 32
HEAVY = {"torch", "botorch", "gpytorch", "ophyd", "bluesky", "matplotlib", "sqlalchemy", "scipy", "caproto", "numpy"}


@pytest.fixture(autouse=True)
def ledger(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A ledger of the test's own."""
    path = tmp_path / "nights" / "ledger.db"
    monkeypatch.setenv("NIGHTSHIFT_LEDGER", f"sqlite:///{path}")
    monkeypatch.delenv("NIGHTSHIFT_DATA", raising=False)
    return path


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, catch_exceptions=False)


def outcome(status: Status, **changes: Any) -> Outcome:
    fields: dict[str, Any] = {
        "campaign": "night-1",
        "status": status,
        "trials": 7,
        "best_point": {"x": 1.5},
        "best_score": 3.25,
        "found": ("best   flux = 3.25 nA at x = 1.5 mm (trial 3)",),
        "wall_s": 12.3456,
        "head": HEAD,
    }
    return Outcome(**{**fields, **changes})


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, Any]]:
    """Campaigns that end as the test says without being run; what ``run`` was asked is kept."""
    asked: list[Mapping[str, Any]] = []

    def run(_workplace: Any, file: CampaignFile, **options: Any) -> Outcome:
        asked.append({"file": file, **options})
        return outcome(Status.COMPLETED)

    monkeypatch.setattr(bootstrap, "run", run)
    return asked


def ends(monkeypatch: pytest.MonkeyPatch, ending: Outcome | Exception) -> None:
    def run(*_: Any, **__: Any) -> Outcome:
        if isinstance(ending, Exception):
            raise ending
        return ending

    monkeypatch.setattr(bootstrap, "run", run)
    monkeypatch.setattr(bootstrap, "resume", run)


class TestRun:
    def test_its_last_line_is_json_for_programs_and_people_read_the_other_stream(self, runs: list[Mapping[str, Any]]):
        result = invoke("run", "crossed-barrel", "--json")

        assert json.loads(result.stdout.splitlines()[-1]) == {
            "campaign": "night-1",
            "status": "completed",
            "trials": 7,
            "best": {"point": {"x": 1.5}, "score": 3.25},
            "wall_s": 12.346,
            "head": HEAD,
            "reason": "",
            "report": None,
            "documents": [],
        }
        assert "best   flux = 3.25 nA at x = 1.5 mm (trial 3)" in result.stderr
        assert f"nightshift verify night-1 --head {HEAD}" in result.stderr

    def test_without_json_nothing_is_on_stdout(self, runs: list[Mapping[str, Any]]):
        assert invoke("run", "crossed-barrel").stdout == ""

    def test_seed_and_changes_reach_the_campaign(self, runs: list[Mapping[str, Any]]):
        invoke("run", "crossed-barrel", "--seed", "5", "--set", "budget.trials=3", "--set", "agent=random", "--no-wait")

        spec = runs[0]["file"].spec
        assert (spec.seed, spec.budget.trials, spec.agent.type, runs[0]["wait"]) == (5, 3, "random", False)

    @pytest.mark.parametrize(
        ("status", "code"),
        [
            (Status.COMPLETED, 0),
            (Status.HELD, 3),
            (Status.STOPPED, 4),
            (Status.ABORTED, 4),
            (Status.PAUSED, 1),
            (Status.FAILED, 1),
        ],
    )
    def test_the_exit_code_tells_how_it_ended(self, monkeypatch: pytest.MonkeyPatch, status: Status, code: int):
        ends(monkeypatch, outcome(status))

        assert invoke("run", "crossed-barrel").exit_code == code
        assert invoke("resume", "night-1").exit_code == code

    @pytest.mark.parametrize(("error", "code"), [(SpecError("x = 3"), 2), (InstrumentError("no answer"), 1), (LeaseLost("taken over"), 1)])
    def test_an_error_is_one_line_without_a_traceback(self, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int):
        ends(monkeypatch, error)
        result = invoke("run", "crossed-barrel")

        assert (result.exit_code, result.stderr) == (code, f"error: {error}\n")

    def test_a_bug_is_not_hidden(self, monkeypatch: pytest.MonkeyPatch):
        ends(monkeypatch, KeyError("bug"))

        with pytest.raises(KeyError):
            invoke("run", "crossed-barrel")

    def test_bad_input_is_refused_before_a_ledger_is_even_made(self, ledger: Path):
        result = invoke("run", "crossed-barrel", "--set", "budget.trials=0")

        assert result.exit_code == 2
        assert result.stderr == "error: --set budget.trials=0: budget.trials = 0: must be at least 1; write a larger value\n"
        assert not ledger.parent.exists()

    def test_a_change_without_a_value_is_refused(self):
        result = invoke("run", "crossed-barrel", "--set", "budget.trials")

        assert (result.exit_code, result.stderr[:40]) == (2, "error: --set budget.trials: has no '='; ")

    def test_an_ending_without_a_score_and_with_a_report_says_so(self, monkeypatch: pytest.MonkeyPatch):
        ends(monkeypatch, outcome(Status.HELD, best_point=None, best_score=None, found=(), report=Path("night.html"), reason="axis moved"))
        result = invoke("run", "crossed-barrel", "--json")

        assert json.loads(result.stdout)["best"] is None
        assert "night-1 held: axis moved" in result.stderr
        assert "no trial was scored yet" in result.stderr
        assert "report night.html" in result.stderr
        assert "nightshift approve night-1" in result.stderr


class TestLedgerOption:
    def test_it_may_stand_before_or_after_the_command(self, tmp_path: Path, ledger: Path):
        url = f"sqlite:///{tmp_path}/other.db"

        assert invoke("list", "--ledger", url).exit_code == 0
        assert (tmp_path / "other.db").exists()
        (tmp_path / "other.db").unlink()
        assert invoke("--ledger", url, "list").exit_code == 0
        assert (tmp_path / "other.db").exists()
        assert not ledger.exists()


class TestOtherCommands:
    def test_check_says_what_would_happen(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(bootstrap, "check", lambda file, connect, workplace: CheckReport((f"connect {connect}", file.spec.name)))
        result = invoke("check", "crossed-barrel", "--connect", "--json")

        assert result.stderr == "connect True\ncrossed-barrel\n"
        assert json.loads(result.stdout)["lines"] == ["connect True", "crossed-barrel"]

    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            (("pause", "x", "--now"), {"verb": "pause", "is_now": True}),
            (("stop", "x"), {"verb": "stop"}),
            (("abort", "x", "--note", "beam time over"), {"verb": "abort", "note": "beam time over"}),
            (("approve", "x", "3"), {"verb": "approve", "trial": 3}),
            (("veto", "x", "--note", "too near"), {"verb": "veto", "note": "too near", "trial": None}),
        ],
    )
    def test_orders_name_who_and_why(self, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], expected: dict[str, Any]):
        asked: dict[str, Any] = {}

        def order(_workplace: Any, verb: str, campaign: str, **options: Any) -> bootstrap.Ordered:
            asked.update(verb=verb, campaign=campaign, **options)
            return bootstrap.Ordered("done", True, "paused")

        monkeypatch.setattr(bootstrap, "order", order)
        monkeypatch.setattr(bootstrap, "find", lambda _, wanted: f"found-{wanted}")
        result = invoke(*arguments, "--json")

        assert expected.items() <= asked.items()
        assert asked["campaign"] == "found-x"
        assert asked["actor"].startswith("human:")
        assert json.loads(result.stdout)["answer"] == "done"

    @pytest.mark.parametrize(("difference", "code"), [(None, 0), ("trial 3: recorded x = 1; now x = 2", 1)])
    def test_replay_fails_at_the_first_difference(self, monkeypatch: pytest.MonkeyPatch, difference: str | None, code: int):
        monkeypatch.setattr(bootstrap, "find", lambda _, wanted: wanted)
        monkeypatch.setattr(bootstrap, "replay", lambda *_, progress: progress(3) or ReplayReport(3, 2, difference))
        result = invoke("replay", "night-1", "--json")

        assert result.exit_code == code
        assert json.loads(result.stdout) == {"campaign": "night-1", "decisions": 3, "model_based": 2, "difference": difference}

    def test_verify_fails_naming_the_first_bad_event(self, monkeypatch: pytest.MonkeyPatch):
        def verify(*_: Any) -> None:
            raise LedgerCorrupt("night-1, event 12: its hash does not match")

        monkeypatch.setattr(bootstrap, "find", lambda _, wanted: wanted)
        monkeypatch.setattr(bootstrap, "verify", verify)

        assert (invoke("verify", "night-1").exit_code, invoke("verify", "night-1").stderr) == (
            1,
            "error: night-1, event 12: its hash does not match\n",
        )

    def test_a_report_that_cannot_be_written_is_refused_before_work_is_done(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
        monkeypatch.setattr(bootstrap, "find", lambda _, wanted: wanted)
        monkeypatch.setattr(bootstrap, "report", lambda *_: pytest.fail("worked in vain"))
        result = invoke("report", "night-1", "-o", str(tmp_path / "missing" / "report.html"))

        assert result.exit_code == 2
        assert "cannot be written: No such file or directory; choose another with -o" in result.stderr

    def test_new_prints_a_commented_campaign_that_can_be_run(self, runs: list[Mapping[str, Any]], tmp_path: Path):
        path = tmp_path / "mine.yaml"
        path.write_text(invoke("new", "--from", "crossed-barrel").stdout)

        assert path.read_text().startswith("#")
        assert invoke("run", str(path)).exit_code == 0
        assert runs[0]["file"].folder == tmp_path

    def test_plugins_are_listed_by_kind_and_name_with_their_settings(self):
        documents = [json.loads(line) for line in invoke("plugins", "--json").stdout.splitlines()]
        dataset = next(document for document in documents if (document["kind"], document["name"]) == ("instrument", "dataset"))

        assert dataset["distribution"] == "nightshift"
        assert "data" in dataset["settings"]["required"]
        assert [document["name"] for document in documents if document["problem"]] == []
        assert "      data: required" in invoke("plugins").stdout.splitlines()


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('finished')}/ledger.db"
    result = invoke("run", "crossed-barrel", "--set", "agent=random", "--set", "budget.trials=3", "--ledger", url)
    assert result.exit_code == 0, result.stderr
    return url


class TestLookingAtAFinishedCampaign:
    """One real campaign of random designs, looked at with every command."""

    def test_list(self, finished: str):
        (document,) = [json.loads(line) for line in invoke("list", "--json", "--ledger", finished).stdout.splitlines()]

        assert (document["name"], document["status"], document["trials"]) == ("crossed-barrel", "completed", 3)
        assert set(document["best"]) == {"point", "score"}
        assert document["campaign"] in invoke("list", "--ledger", finished).stdout

    def test_show(self, finished: str):
        document = json.loads(invoke("show", "last", "--json", "--ledger", finished).stdout)
        shown = invoke("show", "crossed-barrel", "--ledger", finished).stdout

        assert [trial["trial"] for trial in document["latest"]] == [1, 2, 3]
        assert document["best"]["score"] == max(trial["score"]["toughness"]["value"] for trial in document["latest"])
        assert "budget 3 of 3 trials" in shown
        assert document["latest"][0]["dead_s"] is None
        assert document["dead_s"] == pytest.approx(sum(trial["dead_s"] for trial in document["latest"][1:]) / 2)
        assert "dead time " in shown
        assert f"(trial {document['best']['trial']})" in shown

    def test_log_holds_all_that_the_hash_covers(self, finished: str):
        documents = [json.loads(line) for line in invoke("log", "last", "--json", "--ledger", finished).stdout.splitlines()]

        assert [document["seq"] for document in documents] == list(range(1, len(documents) + 1))
        assert all(next_["prev_hash"] == document["hash"] for document, next_ in pairwise(documents))
        assert next(document for document in documents if document["type"] == "trial-suggested")["data"]["point"]["n"] in (6, 8, 10, 12)
        for document in documents:
            columns = {**document, "data": json.dumps(document["data"], separators=(",", ":"), ensure_ascii=False)}
            assert chain_hash(columns) == document["hash"]

    def test_log_after_a_sequence_number(self, finished: str):
        lines = invoke("log", "last", "--after", "3", "--ledger", finished).stdout.splitlines()

        assert lines[0].split()[0] == "4"

    def test_verify_and_replay(self, finished: str):
        verified = json.loads(invoke("verify", "last", "--json", "--ledger", finished).stdout)
        replayed = json.loads(invoke("replay", "last", "--json", "--ledger", finished).stdout)

        assert invoke("verify", "last", "--head", verified["head"], "--ledger", finished).exit_code == 0
        assert (replayed["decisions"], replayed["difference"]) == (3, None)

    def test_resuming_it_prints_its_line_and_changes_nothing(self, finished: str):
        before = invoke("log", "last", "--json", "--ledger", finished).stdout
        result = invoke("resume", "last", "--json", "--ledger", finished)

        assert (result.exit_code, json.loads(result.stdout)["status"]) == (0, "completed")
        assert invoke("log", "last", "--json", "--ledger", finished).stdout == before


def test_help_starts_without_the_heavy_libraries():
    code = f"""
import contextlib, io, sys
from orchestrator.cli.app import app
for arguments in (["--help"], ["run", "--help"]):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        app(arguments)
loaded = sorted({HEAVY!r} & set(sys.modules))
assert not loaded, loaded
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
