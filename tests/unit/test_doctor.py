"""Is an installation fit for a night?"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from orchestrator import doctor
from orchestrator.cli.app import app
from orchestrator.doctor import Finding
from orchestrator.outbox.losses import Losses
from orchestrator.outbox.post import Post
from orchestrator.outbox.spool import SpoolWriter
from orchestrator.outbox.standing import begin
from orchestrator.store import folders, sqlite
from orchestrator.wording.installing import how_to_install


def test_each_finding_is_a_line_and_this_installation_can_run(tmp_path: Path):
    findings = list(doctor.examine(f"sqlite:///{tmp_path}/nights/ledger.db"))

    assert {finding.name for finding in findings} == {
        "nightshift",
        "libraries",
        "packages",
        "sqlite",
        "filesystem",
        "disk",
        "epics",
        "torch",
    }
    assert [str(finding) for finding in findings if finding.grade == "bad"] == []
    assert not (tmp_path / "nights").exists()


def test_each_finding_is_shown_before_the_next_is_looked_for(monkeypatch: pytest.MonkeyPatch):
    def examine(_ledger: str | None) -> Iterator[Finding]:
        yield Finding("nightshift", "ok", "0.1.0")
        raise KeyboardInterrupt

    monkeypatch.setattr(doctor, "examine", examine)
    assert "0.1.0" in CliRunner().invoke(app, ["doctor"]).output


def test_a_missing_library_is_named_with_the_way_out():
    finding = doctor.libraries(lambda name: None if name == "botorch" else "1.0")

    assert (finding.grade, finding.text) == ("bad", f"botorch not installed; {how_to_install()}")


def test_a_package_that_another_distribution_installs_too_is_bad():
    findings = list(doctor.packages(lambda: {"agents": ["nightshift", "openai-agents"], "rewards": ["nightshift", "nightshift"]}))

    assert [finding.grade for finding in findings] == ["ok", "bad", "ok", "ok"]
    assert findings[1].text == "'agents' is also installed by openai-agents; give Nightshift its own environment"


@pytest.fixture
def folder_with_agents(tmp_path: Path) -> Path:
    """A folder with a package called ``agents``, as a checkout of another project would have."""
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "__init__.py").touch()
    return tmp_path


def test_a_package_imported_from_elsewhere_is_bad(folder_with_agents: Path):
    code = "from orchestrator import doctor; print(*doctor.packages(dict), sep='\\n')"
    shown = _python(code, folder_with_agents).stdout.splitlines()

    assert [line.split()[0] for line in shown] == ["ok", "bad", "ok", "ok"]
    assert f"'agents' is imported from {folder_with_agents / 'agents'}, not from" in shown[1]


def test_every_command_but_doctor_refuses_somebody_elses_package(folder_with_agents: Path):
    code = "import sys; from orchestrator.cli import main; sys.argv[1:] = ['new', '--from', 'crossed-barrel']; main()"
    refused = _python(code, folder_with_agents)

    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith(f"error: 'agents' is imported from {folder_with_agents / 'agents'}")


def _python(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run Python where it looks for packages in the folder first."""
    return subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(("version", "grade"), [("3.40.1", "warn"), ("3.51.2", "warn"), ("3.44.6", "ok"), ("3.53.4", "ok")])
def test_an_sqlite_that_can_lose_commits_is_told(monkeypatch: pytest.MonkeyPatch, version: str, grade: str):
    monkeypatch.setattr(sqlite, "DRIVER", SimpleNamespace(sqlite_version=version))

    assert doctor.sqlite().grade == grade


@pytest.mark.parametrize(("found", "grade"), [("nfs4", "bad"), ("fuse.sshfs", "bad"), ("", "warn"), ("ext4", "ok")])
def test_a_network_file_system_is_bad_for_a_ledger(monkeypatch: pytest.MonkeyPatch, found: str, grade: str):
    monkeypatch.setattr(folders, "filesystem_of", lambda _: found)
    finding = doctor.filesystem(Path("/beamline/data"))

    assert finding.grade == grade
    assert "/beamline/data" in finding.text


@pytest.mark.parametrize(("free_gb", "grade"), [(0.1, "bad"), (1.0, "warn"), (50.0, "ok")])
def test_a_full_disk_is_told_before_the_night(tmp_path: Path, free_gb: float, grade: str):
    finding = doctor.disk(tmp_path / "not" / "yet", lambda _: SimpleNamespace(free=free_gb * 1e9))

    assert finding.grade == grade
    assert f"{free_gb:.1f} GB free at {tmp_path}" in finding.text


def test_a_missing_channel_access_library_is_told():
    assert doctor.epics(lambda: "/missing/libca.so").grade == "bad"


@pytest.mark.parametrize(("grade", "code"), [("ok", 0), ("warn", 0), ("bad", 1)])
def test_the_command_fails_if_something_is_bad(monkeypatch: pytest.MonkeyPatch, grade: Any, code: int):
    examine: Callable[[str | None], list[Finding]] = lambda _: [Finding("disk", grade, "0.1 GB free; make room")]  # noqa: E731
    monkeypatch.setattr(doctor, "examine", examine)
    plain, machine = CliRunner().invoke(app, ["doctor"]), CliRunner().invoke(app, ["doctor", "--json"])

    assert (plain.exit_code, machine.exit_code) == (code, code)
    assert plain.stdout == f"{grade:<5} disk         0.1 GB free; make room\n"
    assert json.loads(machine.stdout) == {"name": "disk", "grade": grade, "text": "0.1 GB free; make room"}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> doctor.Settings:
    """Return settings of a site that sends its documents to Tiled."""
    site = tmp_path / "site.yaml"
    site.write_text(json.dumps({"name": "bl99", "profile": {"module": "m"}, "documents": {"tiled": {"uri": "http://localhost:1"}}}))
    site.chmod(0o600)
    monkeypatch.setenv("NIGHTSHIFT_SITE", str(site))
    return doctor.Settings(ledger=f"sqlite:///{tmp_path}/ledger.db")


def test_refused_and_lost_runs_are_named_and_targets_that_are_gone(tmp_path: Path, settings: doctor.Settings):
    refused, _going, gone = (begin(tmp_path / "outbox", *one) for one in (("a", ["Tiled"]), ("b", ["Tiled"]), ("c", ["Kafka"])))
    Post(refused, SimpleNamespace(name="Tiled"), lambda *_: ())._set_aside([("start", {"uid": "r1"})], ValueError("no such dtype"))  # pyright: ignore
    Losses(refused).note("r2", "the disk is full")
    spool = SpoolWriter(gone)
    spool("start", {"uid": "r3"})
    spool.close()
    assert [str(finding).split("documents    ")[1] for finding in doctor.documents(settings)] == [
        "none wait for Tiled",
        "a: Tiled has everything; Tiled refused 1 run (ValueError: no such dtype), which are kept; once it is mended: "
        "nightshift documents --resend CAMPAIGN; 1 run could not be kept for it (the disk is full) and will be missing there; "
        "the ledger has the trials [r1, r2]",
        "c: Kafka lacks 1 document, and is no longer configured: name it in the site file, or delete them in the outbox",
    ]


def test_documents_that_wait_are_told_with_the_way_out(tmp_path: Path, settings: doctor.Settings):
    assert str(next(doctor.documents(settings))) == "ok    documents    none wait for Tiled"
    folder = begin(tmp_path / "outbox", "night-1", ["Tiled"])
    spool = SpoolWriter(folder)
    spool("start", {"uid": "r1"})
    spool.close()
    finding = next(doctor.documents(settings))
    assert (finding.grade, finding.text) == ("warn", "1 wait for Tiled; nightshift documents --send sends them")
