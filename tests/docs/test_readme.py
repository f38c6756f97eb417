"""The README's commands are run as they stand; what needs a fresh clone is looked up in the Makefile."""

import re
from pathlib import Path

import pytest

from tests.docs.conftest import Played
from tests.docs.pages import ROOT, blocks
from tests.docs.shell import KEPT

README = ROOT / "README.md"


@pytest.mark.timeout(300)
def test_the_commands_of_the_readme_run_and_print_what_it_says(played: Played):
    folder = played(README, NIGHTSHIFT_REPORT="")  # as a person has it
    assert len(list((folder / KEPT / "reports").glob("*.html"))) == 2
    assert (folder / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert len((folder / "table.csv").read_text(encoding="utf-8").splitlines()) == 11


def test_every_make_target_it_names_exists():
    named = set(re.findall(r"make ([a-z]+)\b", _commands(README)))
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {"demo", "test"} <= named <= targets


def _commands(page: Path) -> str:
    """Return what a page shows as code, in blocks and within lines."""
    content = page.read_text(encoding="utf-8")
    return "\n".join([*(block.text for block in blocks(page)), *re.findall(r"`([^`\n]+)`", content)])


def test_it_is_short():
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 150


def test_the_demo_is_the_campaign_it_runs_shortened():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (demo,) = re.findall(r"nightshift (run \S+)", makefile)
    assert f"nightshift {demo} --set" in _commands(README)
