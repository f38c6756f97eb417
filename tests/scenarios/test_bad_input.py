"""Bad input: exit code 2, a refusal that names thing, value, limit and way out; nothing moved, the ledger unchanged."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from typer.testing import CliRunner, Result

from instruments.journal import read_journal
from orchestrator.cli.app import app

SPEC = """\
name: film
instrument:
  type: dataset
  data: designs.csv
  signals: [hardness]
  units: {pressure: Pa, hardness: GPa}
  journal: journal.jsonl
space:
  pressure: {type: integer, limits: [1, 25], unit: Pa}
  target: {values: [Al, Cu]}
constraints: [{weights: {pressure: 1}, upper: 20}]
reward: {signal: hardness, goal: maximise}
agent: random
budget: {trials: 3}
"""
DESIGNS = "pressure,target,hardness\n" + "".join(f"{p},{t},{p * 0.1:.2f}\n" for p in range(1, 26) for t in ("Al", "Cu"))


class Lab:
    """A folder with a campaign, its instrument's journal, and a ledger that holds one earlier campaign."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "nights" / "ledger.db"
        self.url = f"sqlite:///{self.database}"
        self.spec = folder / "film.yaml"
        (folder / "designs.csv").write_text(DESIGNS)
        self.spec.write_text(SPEC)

    def invoke(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments, "--ledger", self.url], catch_exceptions=False)

    def ledger(self) -> list[str]:
        """Return all that the ledger holds, as SQL."""
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return list(connection.iterdump())

    def campaigns(self) -> list[str]:
        """Return all campaigns, newest first."""
        return [json.loads(line)["campaign"] for line in self.invoke("list", "--json").stdout.splitlines()]

    def motions(self) -> list[Any]:
        return [line for line in read_journal(self.folder / "journal.jsonl") if line["what"] == "motion"]

    def refusal_of(self, *arguments: str) -> str:
        """Return what people read, after checking that nothing moved and nothing was recorded."""
        before, moved = self.ledger(), self.motions()
        result = self.invoke(*arguments)
        assert result.exit_code == 2, result.output
        assert result.stdout == ""
        assert self.ledger() == before
        assert self.motions() == moved
        return result.stderr

    def refusal_of_spec(self, spec: str | bytes) -> str:
        self.spec.write_bytes(spec if isinstance(spec, bytes) else spec.encode())
        return self.refusal_of("run", str(self.spec), "--no-wait").replace(str(self.folder), "…")


@pytest.fixture(scope="module")
def used_lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    lab = Lab(tmp_path_factory.mktemp("lab"))
    result = lab.invoke("run", str(lab.spec))
    assert result.exit_code == 0, result.stderr
    assert lab.motions()
    return lab


@pytest.fixture
def lab(used_lab: Lab) -> Iterator[Lab]:
    yield used_lab
    used_lab.spec.write_text(SPEC)


@pytest.mark.parametrize(
    ("written", "instead", "refusal"),
    [
        ("budget:", "bugdet:", "film.yaml:14: bugdet: unknown key; did you mean 'budget'?"),
        ("signals: [", "signal: [", "film.yaml:5: instrument.signal: unknown key; did you mean 'signals'?"),
        ("trials: 3", "trials: many", 'film.yaml:14: budget.trials = "many": must be a whole number'),
        ("trials: 3", "trials: 0", "film.yaml:14: budget.trials = 0: must be at least 1; write a larger value"),
        ("trials: 3", "", "film.yaml:14: budget: the budget is empty; give trials, wall_time, until, exposure or dose"),
        (
            "[1, 25]",
            "[25, 1]",
            "film.yaml:9: space.pressure: limits [25, 1] Pa are reversed or empty; write [low, high] with low < high",
        ),
        ("[1, 25]", "[1, 31]", "space.pressure.limits = [1, 31] Pa: beyond pressure's own limits [1, 25] Pa; stay within them"),
        ("unit: Pa}\n", "unit: bar}\n", 'space.pressure.unit = "bar": pressure is set in Pa; convert its limits to Pa'),
        ("  pressure: {type", "  presure: {type", "space.presure: the instrument has no axis 'presure'; did you mean 'pressure'?"),
        ("agent: random", "agent: randon", "film.yaml:13: agent.type = \"randon\": no agent is called 'randon'; did you mean 'random'?"),
        ("{signal: hardness", "{type: scalr, signal: hardness", "no reward is called 'scalr'; did you mean 'scalar'?"),
        ("type: dataset", "type: datasets", "no instrument is called 'datasets'; did you mean 'dataset'?"),
        ("upper: 20", "upper: 0.5", "pressure is at least 1 within the limits, above upper = 0.5; raise it or widen the limits"),
        ("signal: hardness", "signal: hardnes", "needs signal 'hardnes', which the instrument does not have; did you mean 'hardness'?"),
        (
            "agent:",
            "measure: {signals: [colour]}\nagent:",
            "measure.signals.0: the instrument has no signal 'colour'; choose from hardness",
        ),
        ("  target: {", "  pressure: {", "film.yaml:10: 'pressure' stands here twice; keep one"),
        (
            "reward: {signal: hardness, goal: maximise}",
            "rewards: [{name: h, signal: hardness}, {name: h, signal: hardness}]",
            "two rewards are called 'h'; give each its own name",
        ),
        (
            "data: designs.csv",
            "data: !!python/object/apply:os.system [ls]",
            "film.yaml:4: the tag tag:yaml.org,2002:python/object/apply:os.system",
        ),
        ("agent: random", "agent: os.system", "no agent is called 'os.system'"),
        ("data: designs.csv", "data: &d designs.csv", "film.yaml:4: anchors and aliases (& and *) are refused; write the value out"),
        ("data: designs.csv", "data: missing.csv", "missing.csv: no such file"),
        ("agent:", "candidates: [{pressure: 26, target: Al}]\nagent:", "candidates.0: pressure = 26 Pa is outside [1, 25] Pa"),
    ],
)
def test_a_campaign_that_cannot_run_is_refused(lab: Lab, written: str, instead: str, refusal: str):
    assert refusal in lab.refusal_of_spec(SPEC.replace(written, instead, 1))


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", "film.yaml: empty; `nightshift new` prints a campaign to start from"),
        (b"\x7fELF\x02\x01\x01\x00", "film.yaml: holds binary data; give a YAML text file"),
        (b"x" * (10 * 1024 * 1024), "film.yaml: larger than 256 kB, the limit for a campaign file; move long lists into a CSV"),
        (
            b"a: &a [lol,lol]\n" + b"".join(b"%c: &%c [*%c,*%c,*%c,*%c]\n" % (n + 1, n + 1, n, n, n, n) for n in range(97, 121)),
            "film.yaml:1: anchors and aliases (& and *) are refused; write the value out",
        ),
    ],
    ids=["empty", "binary", "10 MB", "YAML bomb"],
)
def test_what_is_no_campaign_file_is_refused(lab: Lab, content: bytes, refusal: str):
    assert refusal in lab.refusal_of_spec(content)


def test_check_refuses_what_run_refuses(lab: Lab):
    lab.spec.write_text(SPEC.replace("[1, 25]", "[1, 31]"))
    result = CliRunner().invoke(app, ["check", str(lab.spec)])

    assert result.exit_code == 2
    assert "beyond pressure's own limits [1, 25] Pa" in result.stderr


@pytest.mark.parametrize(
    "command", ["show", "log", "resume", "verify", "replay", "pause", "stop", "abort", "approve", "veto", "report", "export"]
)
def test_a_campaign_that_does_not_exist_is_refused_by_every_command(lab: Lab, command: str):
    refusal = lab.refusal_of(command, "flim")
    assert refusal.startswith(f"error: no campaign is called 'flim' in {lab.url}; did you mean film-")
    assert refusal.endswith("? see nightshift list\n")


class TestLedgers:
    """A ledger that cannot be used; the spec is sound."""

    def refusal_of(self, lab: Lab, url: str) -> str:
        moved = lab.motions()
        result = CliRunner().invoke(app, ["run", str(lab.spec), "--ledger", url], catch_exceptions=False)
        assert result.exit_code == 2, result.output
        assert lab.motions() == moved
        return result.stderr

    def test_one_that_cannot_be_written_is_refused(self, lab: Lab, tmp_path: Path):
        (tmp_path / "file").write_text("in the way")
        refusal = self.refusal_of(lab, f"sqlite:///{tmp_path}/file/ledger.db")

        assert str(tmp_path / "file") in refusal
        assert "--ledger" in refusal

    def test_one_on_a_network_file_system_is_refused(self, lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        mounts = [SimpleNamespace(mountpoint="/", fstype="ext4"), SimpleNamespace(mountpoint=str(tmp_path.resolve()), fstype="nfs4")]
        monkeypatch.setattr(psutil, "disk_partitions", lambda all: mounts)
        refusal = self.refusal_of(lab, f"sqlite:///{tmp_path}/ledger.db")

        assert "nfs4" in refusal
        assert not (tmp_path / "ledger.db").exists()

    def test_one_with_a_newer_schema_is_refused_and_left_as_it_is(self, lab: Lab, tmp_path: Path):
        newer = tmp_path / "newer.db"
        with contextlib.closing(sqlite3.connect(newer)) as connection, connection:
            connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
            connection.execute("INSERT INTO alembic_version VALUES ('9999')")
        refusal = self.refusal_of(lab, f"sqlite:///{newer}")

        assert "schema revision 9999" in refusal
        assert "install the Nightshift that wrote it" in refusal

    @pytest.mark.parametrize("url", ["night.db", "mysql://somewhere/nights", "sqlite:///"])
    def test_what_is_no_ledgers_url_is_refused(self, lab: Lab, url: str):
        assert "error: " in self.refusal_of(lab, url)


@pytest.fixture(scope="module")
def running(used_lab: Lab) -> Iterator[str]:
    """Run a long campaign on a shared instrument in another process; return its id."""
    spec = used_lab.folder / "shared.yaml"
    shared = "identity: 'FILM:1'\n  seconds_per_trial: 0.2\n  journal:"
    spec.write_text(SPEC.replace("journal:", shared).replace("trials: 3", "trials: 500"))
    n_before = len(used_lab.motions())
    command = [sys.executable, "-c", "from orchestrator.cli import main; main()", "run", str(spec), "--ledger", used_lab.url]
    runner = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
    try:
        _wait_until(lambda: len(used_lab.motions()) > n_before)
        yield used_lab.campaigns()[0]
    finally:
        runner.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            runner.wait(timeout=20)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(runner.pid, signal.SIGKILL)
        runner.wait()


def test_a_second_runner_on_the_same_instrument_is_refused_naming_the_first(used_lab: Lab, running: str):
    campaigns = used_lab.campaigns()
    result = used_lab.invoke("run", str(used_lab.folder / "shared.yaml"), "--no-wait")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "instrument:FILM:1 is held by process " in result.stderr
    assert "wait for it, or stop that runner" in result.stderr
    assert used_lab.campaigns() == campaigns
    assert {str(motion["attempt"]).partition("/")[0] for motion in used_lab.motions()} <= set(campaigns)


def test_there_is_never_a_second_runner_on_the_same_campaign(used_lab: Lab, running: str):
    """Resuming a campaign that runs tells its runner to go on; nobody else takes its lease."""
    result = used_lab.invoke("resume", running, "--json")
    events = [json.loads(line) for line in used_lab.invoke("log", running, "--json").stdout.splitlines()]

    assert json.loads(result.stdout)["status"] == "running"
    assert {event["token"] for event in events} == {1}
    assert [event["data"]["lease"] for event in events if event["type"] == "lease-taken"] == [f"campaign:{running}", "instrument:FILM:1"]


def _wait_until(is_so: Any, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "the runner did not start"
        time.sleep(0.05)
