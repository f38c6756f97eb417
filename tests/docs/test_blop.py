"""The page on blop, with the real blop where it is installed: our agent under its plans, its optimizer in a campaign."""

import json
import os
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from orchestrator.domain.space import Space
from orchestrator.testing.agent_contract import CASES, Case, check_agent, check_memory
from tests.docs.pages import DOCS, blocks
from tests.docs.shell import surroundings
from tests.docs.test_how_to import EXAMPLES

PAGE = DOCS / "how-to" / "use-with-blop.md"
TRIED = (
    "continuous: twelve scores",
    "continuous: two objectives",
    "ordinal: twelve scores",
    "categorical: pending",
    "pool: vetoed and failed",
)
"""Cases that between them tell Ax of every kind of trial and parameter; each takes it a second."""

pytestmark = pytest.mark.skipif(
    find_spec("blop") is None or find_spec("ax") is None,
    reason="blop with Ax is not installed; pip install -c constraints.txt -e '.[peers]'",
)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Install the page's agent the way a package does: its file, and its entry-point line."""
    folder = tmp_path / "site"
    metadata = folder / "blop_example-0.1.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: blop-example\nVersion: 0.1\n")
    [toml] = [block.text for block in blocks(PAGE) if block.directive == "entry point"]
    (metadata / "entry_points.txt").write_text(toml.replace('"', "").replace("project.entry-points.", ""))
    (folder / "blop_ax_agent.py").write_text((EXAMPLES / "blop_ax_agent.py").read_text(encoding="utf-8"), encoding="utf-8")
    return folder


def run(command: list[str], folder: Path, **environment: str) -> str:
    finished = subprocess.run(
        command, cwd=folder, env=surroundings(folder, **environment), capture_output=True, text=True, check=False, timeout=110
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_our_agent_aligns_the_mirror_under_blops_plans_and_goes_on_from_a_file(tmp_path: Path):
    best, because, mirror = run([sys.executable, str(EXAMPLES / "our_agent_in_blop.py")], tmp_path).splitlines()[-3:]
    assert float(best.split()[1]) > 0.95
    assert because.startswith("because: ")
    assert mirror.startswith("the mirror stands at 0.")


def test_blops_optimizer_runs_a_campaign_that_can_be_replayed(installed: Path, tmp_path: Path):
    [campaign] = [block for block in blocks(PAGE) if block.directive == "file"]
    (tmp_path / campaign.argument).write_text(campaign.text, encoding="utf-8")
    path = os.pathsep.join([str(installed), os.environ.get("PYTHONPATH", "")])
    printed = run(["nightshift", "run", campaign.argument, "--json"], tmp_path, PYTHONPATH=path)
    assert json.loads(printed)["status"] == "completed"
    log = run(["nightshift", "log", "last", "--json"], tmp_path, PYTHONPATH=path)
    assert log.count("which AxOptimizer suggested") == 6
    assert "agent-failed" not in log
    run(["nightshift", "replay", "last"], tmp_path, PYTHONPATH=path)


@pytest.mark.parametrize("case", [case for case in CASES if case.name in TRIED], ids=str)
def test_blops_optimizer_keeps_the_contract(case: Case, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(EXAMPLES)
    check_agent(blop_ax, case)


def test_blops_optimizer_has_no_memory_but_the_history(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(EXAMPLES)
    check_memory(blop_ax, "continuous", n=2)


def test_our_optimizer_fulfils_blops_own_protocols():
    from blop import protocols

    from orchestrator import AskTell
    from orchestrator.blop_adapters import AskTellOptimizer

    ours = AskTellOptimizer(AskTell({"x": {"limits": [0, 1]}}, agent="sobol"))
    names = ("Optimizer", "CanRegisterSuggestions", "TrialFaultAware", "Checkpointable")
    assert all(isinstance(ours, getattr(protocols, name)) for name in names)
    assert protocols.ID_KEY in ours.suggest()[0]


def blop_ax(_: Space):
    cls = import_module("blop_ax_agent").BlopAxAgent
    return cls(cls.Settings())
