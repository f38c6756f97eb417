"""Words, plug-ins and the command line import in a moment: whoever needs torch or ophyd imports it when it is used."""

import subprocess
import sys

import pytest

from orchestrator import plugins
from orchestrator.testing.light_import import HEAVY, check_imports_are_light

_REPORT = "import sys\n{statement}\nprint(*sys.modules)"


def imported_by(statement: str) -> set[str]:
    """Return every module a fresh interpreter has after one statement."""
    command = [sys.executable, "-c", _REPORT.format(statement=statement)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_the_words_need_pydantic_and_numpy_only():
    imported = imported_by("import orchestrator.domain.protocols")
    ours = {name for name in imported if name.split(".")[0] in ("orchestrator", "agents", "instruments", "rewards")}
    assert not imported & (HEAVY | {"sqlalchemy", "rich", "typer"})
    assert {name for name in ours if not name.startswith("orchestrator.domain")} == {"orchestrator"}


@pytest.mark.parametrize("kind", plugins.KINDS)
def test_importing_a_plugin_imports_nothing_heavy(kind):
    modules = [found.entry_point.module for found in plugins.found(kind)]
    assert modules
    check_imports_are_light(modules)


def test_the_command_line_starts_without_anything_heavy():
    imported = imported_by("from orchestrator.cli import main")
    assert not imported & (HEAVY | {"sqlalchemy", "jinja2"})


_LIST = """
import contextlib, os, sys
os.environ["NIGHTSHIFT_LEDGER"] = "sqlite:///" + sys.argv[1] + "/ledger.db"
sys.argv = ["nightshift", "list"]
from orchestrator.cli import main
with contextlib.suppress(SystemExit):
    main()
print(*sys.modules)
"""
_OF_A_RUN = {
    "orchestrator.engine",
    "orchestrator.execution.executor",
    "orchestrator.wire",
    "orchestrator.queries",
    "orchestrator.campaign_file",
}


def test_looking_at_a_recorded_campaign_imports_nothing_of_what_reads_campaign_files():
    assert not imported_by("import orchestrator.bootstrap.rewarding, orchestrator.bootstrap.reading") & _OF_A_RUN


def test_listing_campaigns_imports_nothing_of_what_runs_or_serves_them(tmp_path):
    listed = subprocess.run([sys.executable, "-c", _LIST, str(tmp_path)], capture_output=True, text=True, timeout=100, check=False)
    imported = set(listed.stdout.split())
    assert "sqlalchemy" in imported, listed.stderr
    assert not imported & (HEAVY | _OF_A_RUN | {"fastapi", "httpx", "jinja2", "scipy", "ruamel.yaml"})


def test_the_words_build_no_validator_when_they_are_imported():
    statement = (
        "from orchestrator.domain.events import LedgerEvent; import orchestrator.wire.campaigns; print(LedgerEvent.__pydantic_complete__)"
    )
    assert "False" in imported_by(statement)


def test_a_heavy_import_is_noticed():
    assert "sqlalchemy" in imported_by("import sqlalchemy")
    with pytest.raises(AssertionError, match="matplotlib"):
        check_imports_are_light(["matplotlib"])
