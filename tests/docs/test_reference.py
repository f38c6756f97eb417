"""The reference pages say what the code does."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from orchestrator.campaign_file import load
from orchestrator.cli.app import app
from tests.docs.conftest import Played
from tests.docs.meanings import WHEN
from tests.docs.pages import DOCS, all_pages, blocks, with_code, with_generated
from tests.docs.reference import event_models, generated, undescribed_records
from tests.docs.shell import surroundings

EXIT_CODES_AND_JSON = DOCS / "reference" / "exit-codes-and-json.md"
Documents = Mapping[str, Sequence[Mapping[str, Any]]]


@pytest.mark.parametrize("page", all_pages(), ids=lambda page: page.stem)
def test_what_is_made_from_the_code_is_current(page: Path):
    """When it is not: python -m tests.docs"""
    content = page.read_text(encoding="utf-8")
    assert with_generated(with_code(content), generated) == content


def test_every_ledger_event_says_when_it_is_written():
    assert set(WHEN) == set(event_models())
    assert undescribed_records() == set()


@pytest.mark.timeout(300)
def test_the_shortest_campaign_file_is_enough(played: Played):
    page = DOCS / "reference" / "campaign-file.md"
    folder = played(page)
    (shortest,) = [block.argument for block in blocks(page) if block.directive == "file"]
    assert load(folder / shortest).spec.budget.trials == 50


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Documents:
    """What every command prints with ``--json``: a campaign waits for approval, gets it, and runs to its end."""
    folder = tmp_path_factory.mktemp("json")
    changes = ["--set", "agent=random", "--set", "fallback=random", "--set", "budget.trials=2", "--set", "approval=always", "--no-wait"]
    held = _printed(folder, 3, "run", "crossed-barrel", *changes)
    return {
        "run": held,
        "check": _printed(folder, 0, "check", "crossed-barrel"),
        "approve": _printed(folder, 0, "approve", "last"),
        "resume": _printed(folder, 3, "resume", "last", "--no-wait"),
        "note": _printed(folder, 0, "note", "last", "thin walls again"),
        "fix": _printed(folder, 0, "fix", "last", "n=8"),
        "release": _printed(folder, 0, "release", "last", "n"),
        "budget": _printed(folder, 0, "budget", "last", "trials=3"),
        "switch": _printed(folder, 0, "switch", "last", "grid"),
        "veto": _printed(folder, 0, "veto", "last", "2", "--note", "too thin"),
        "pause": _printed(folder, 0, "pause", "last"),
        "stop": _printed(folder, 0, "stop", "last"),
        "list": _printed(folder, 0, "list"),
        "show": _printed(folder, 0, "show", "last"),
        "show ID TRIAL": _printed(folder, 0, "show", "last", "1"),
        "log": _printed(folder, 0, "log", "last"),
        "verify": _printed(folder, 0, "verify", "last"),
        "replay": _printed(folder, 0, "replay", "last"),
        "abort": _printed(folder, 0, "abort", "last"),
        "plugins": _printed(folder, 0, "plugins"),
        "doctor": _printed(folder, None, "doctor"),
    }


def _printed(folder: Path, wanted: int | None, *arguments: str) -> Sequence[Mapping[str, Any]]:
    finished = _invoke(folder, *arguments, "--json")
    assert wanted is None or finished.exit_code == wanted, finished.stderr
    return [json.loads(line) for line in finished.stdout.splitlines()]


def _invoke(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, env=dict(surroundings(folder)))


def shapes() -> Mapping[str, set[str]]:
    """Return the keys the page gives for each command."""
    found: dict[str, set[str]] = {}
    for section in EXIT_CODES_AND_JSON.read_text(encoding="utf-8").split("\n## ")[1:]:
        title, _, body = section.partition("\n")
        keys = set(re.findall(r"^\| `(\w+)` \|", body, re.MULTILINE))
        found |= dict.fromkeys(re.findall(r"`(\w+|show ID TRIAL)`", title), keys)
    return found


@pytest.mark.timeout(300)
def test_every_command_prints_the_keys_the_page_gives(documents: Documents):
    assert {command: set(printed[0]) for command, printed in documents.items()} == shapes()


@pytest.mark.timeout(300)
def test_every_line_of_a_command_has_the_same_keys(documents: Documents):
    assert all(set(line) == set(printed[0]) for printed in documents.values() for line in printed)


@pytest.mark.timeout(300)
def test_what_lies_inside_is_named_too(documents: Documents):
    latest = set(documents["show"][0]["latest"][0])
    (line,) = [line for line in EXIT_CODES_AND_JSON.read_text(encoding="utf-8").splitlines() if line.startswith("| `latest`")]
    assert latest == set(re.findall(r"`(\w+)`", line)) - {"latest"}
    assert set(documents["show"][0]["best"]) == {"point", "score", "trial"}
    assert set(documents["list"][0]["best"]) == {"point", "score"}
    assert documents["resume"][0]["status"] == "held"


def test_bad_input_ends_with_2_and_says_why_on_stderr(tmp_path: Path):
    finished = _invoke(tmp_path, "check", "crossed-barrel", "--set", "budget.trials=0")
    assert (finished.exit_code, finished.stdout) == (2, "")
    assert finished.stderr == "error: --set budget.trials=0: budget.trials = 0: must be at least 1; write a larger value\n"
