"""The how-to pages: their code is real files that keep the contracts, found by the entry-point lines the pages show."""

import csv
import json
import re
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from orchestrator import plugins
from orchestrator.cli.app import app
from orchestrator.domain.base import Point
from orchestrator.domain.errors import RewardError
from orchestrator.domain.records import Answer
from orchestrator.domain.space import Space
from orchestrator.testing.agent_contract import CASES, SPACES, Case, check_agent, check_memory
from orchestrator.testing.guardian_contract import check_guardian
from orchestrator.testing.histories import empty_history, history_with
from orchestrator.testing.instrument_contract import check_instrument
from orchestrator.testing.light_import import check_imports_are_light
from orchestrator.testing.reward_contract import check_reward, observation_of
from tests.docs.conftest import Played
from tests.docs.pages import DOCS, Block, blocks, with_code
from tests.docs.shell import surroundings
from tests.unit.guardians.scenes import a_context, a_trial, an_observation, measured

EXAMPLES = DOCS / "examples"
PAGES = sorted((DOCS / "how-to").glob("add-*.md"))
WITH_CAMPAIGNS = [*PAGES, DOCS / "how-to" / "map-an-area.md", DOCS / "how-to" / "keep-limits.md"]
NOTEBOOKS = {"our_agent_in_blop", "own_loop", "own_plan", "watch_and_approve"}
"""Scripts, not modules: run whole in test_notebooks."""
MODULES = sorted({path.stem for path in EXAMPLES.glob("*.py")} - NOTEBOOKS)
WITH_CODE = sorted(page for page in (DOCS / "how-to").glob("*.md") if any(block.directive == "code" for block in blocks(page)))


@pytest.fixture(autouse=True)
def examples_are_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(EXAMPLES)
    monkeypatch.setenv("PYTHONPATH", str(EXAMPLES))


def example(name: str) -> ModuleType:
    return import_module(name)


def build(module: str, name: str, **settings: Any) -> Any:
    cls = getattr(example(module), name)
    return cls(cls.Settings.model_validate(settings))


def near_best(_: Space) -> Any:
    return build("near_best_agent", "NearBestAgent", n_drawn=3)


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.stem)
def test_a_how_to_shows_its_example_as_it_is(page: Path):
    """When it does not: python -m tests.docs"""
    content = page.read_text(encoding="utf-8")
    assert with_code(content) == content


def test_every_example_is_shown_on_a_page():
    shown = {Path(block.argument).stem for page in WITH_CODE for block in blocks(page) if block.directive == "code"}
    assert shown == set(MODULES) | NOTEBOOKS


def test_examples_import_nothing_heavy():
    check_imports_are_light(MODULES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_agent_keeps_its_contract(case: Case):
    check_agent(near_best, case)


@pytest.mark.parametrize("name", SPACES)
def test_the_agent_has_no_memory_but_the_history(name: str):
    check_memory(near_best, name)


def test_the_agent_stays_nearer_to_the_best_point_than_chance_does():
    space = SPACES["continuous"]
    best: Point = {"x": 0.0, "y": 5e5}
    trials = [(best, 9.0), ({"x": 2.0, "y": 0.0}, 1.0), ({"x": -2.0, "y": 1e6}, 2.0)]
    near = build("near_best_agent", "NearBestAgent", n_drawn=64).ask(history_with(space, trials)).point
    assert abs(float(near["x"])) < 1.0
    assert "from anywhere" in near_best(space).ask(empty_history(space)).evidence.reason


def test_the_reward_keeps_its_contract_and_says_what_it_cannot_judge():
    reward = build("contrast_reward", "ContrastReward", signal="counts", background="dark")
    check_reward(reward, observation_of({"counts": 30.0, "dark": 10.0}, sds={"counts": 3.0, "dark": 1.0}), {})
    score = reward.score(observation_of({"counts": 30.0, "dark": 10.0}, sds={"counts": 3.0, "dark": 1.0}), {})
    assert score.value == 2.0
    assert score.sd == pytest.approx(np.hypot(0.3, 0.3))
    with pytest.raises(RewardError, match="dark = 0 must be above 0"):
        reward.score(observation_of({"counts": 30.0, "dark": 0.0}), {})


def test_the_guardian_keeps_its_contract_and_vetoes_a_spot_that_was_exposed():
    guardian = build("fresh_spot_guardian", "FreshSpotGuardian", axes=["x", "y"], distance=0.5)
    context = a_context(trials=(measured(1, x=2.0, y=1.0),))
    check_guardian(guardian, a_trial(number=2, x=2.0, y=1.2), an_observation(x=2.0, y=1.2), context)
    assert guardian.review(a_trial(number=2, x=2.0, y=1.6), context).answer is Answer.ALLOW
    verdict = guardian.review(a_trial(number=2, x=2.0, y=1.2), context)
    assert verdict.answer is Answer.VETO
    assert "0.2 from trial 1, nearer than 0.5" in verdict.reason


def test_the_instrument_keeps_its_contract():
    check_instrument(build("flow_cell_instrument", "FlowCellInstrument"))


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Install the examples the way a package does: their files, and the entry-point lines of the pages."""
    folder = tmp_path / "site"
    metadata = folder / "examples-0.1.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: examples\nVersion: 0.1\n")
    lines = [line.replace('"', "").replace("project.entry-points.", "") for line in entry_point_lines()]
    (metadata / "entry_points.txt").write_text("\n".join(lines) + "\n")
    for module in MODULES:
        (folder / f"{module}.py").write_text((EXAMPLES / f"{module}.py").read_text(encoding="utf-8"), encoding="utf-8")
    return folder


@pytest.fixture
def installed_here(installed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let this process find the examples where they are installed, too."""
    monkeypatch.syspath_prepend(installed)
    plugins._by_kind.cache_clear()
    yield
    plugins._by_kind.cache_clear()


def entry_point_lines() -> list[str]:
    return [line for block in toml_blocks() for line in block.text.splitlines()]


def toml_blocks() -> list[Block]:
    return [block for page in WITH_CAMPAIGNS for block in blocks(page) if block.directive == "entry point"]


def run(command: list[str], folder: Path, site: Path) -> subprocess.CompletedProcess[str]:
    environment = surroundings(folder, PYTHONPATH=str(site))
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=110)


def test_one_file_and_one_entry_point_line_are_enough(installed: Path, tmp_path: Path):
    finished = run(["nightshift", "plugins", "--json"], tmp_path, installed)
    found = [json.loads(line) for line in finished.stdout.splitlines()]
    ours = {(plugin["kind"], plugin["name"], plugin["problem"]) for plugin in found if plugin["distribution"] == "examples"}
    assert ours == {
        ("agent", "near-best", ""),
        ("reward", "contrast", ""),
        ("guardian", "fresh-spot", ""),
        ("instrument", "flow-cell", ""),
    }


@pytest.mark.usefixtures("installed_here")
@pytest.mark.timeout(300)
def test_the_campaigns_of_the_pages_run(installed: Path, tmp_path: Path):
    """From this process, which has imported the command line already; the instruments and agents have processes of their own."""
    campaigns = [_write(block, tmp_path) for page in WITH_CAMPAIGNS for block in blocks(page) if block.directive == "file"]
    assert len(campaigns) > len(WITH_CAMPAIGNS), "each page shows a campaign that uses what it adds"
    environment = dict(surroundings(tmp_path, PYTHONPATH=str(installed)))
    for campaign in campaigns:
        finished = CliRunner().invoke(app, ["run", str(tmp_path / campaign), "--json"], env=environment)
        assert finished.exit_code == 0, f"{campaign}: {finished.stderr}"
        assert json.loads(finished.stdout)["status"] == "completed"


@pytest.mark.timeout(300)
def test_what_is_scored_later_can_be_followed_to_the_letter(played: Played):
    folder = played(DOCS / "how-to" / "score-later.md")
    assert sorted(path.name for path in (folder / "analysed").iterdir()) == ["refused", "taken"]


def _write(block: Block, folder: Path) -> str:
    (folder / block.argument).write_text(block.text, encoding="utf-8")
    return block.argument


@pytest.mark.timeout(300)
def test_many_samples_can_be_measured_as_the_page_says(played: Played):
    folder = played(DOCS / "how-to" / "measure-many-samples.md")
    rows = list(csv.DictReader((folder / "night.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row["sample"], row["stage"]) for row in rows].count(("A1", "measure")) == 3
    night = (folder / "night.html").read_text(encoding="utf-8")
    assert "load failed: no sample at position 2 of the holder" in night
    linked = re.findall(r'<a href="([^"]+)">', night)
    assert len(linked) == 6
    assert all((folder / name).exists() for name in linked)
