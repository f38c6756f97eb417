"""All pages: links lead somewhere, scripts are run or say why not, decisions list what they must."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.docs.conftest import PAGES
from tests.docs.pages import DOCS, ROOT, all_pages, blocks, links

WRITTEN_ELSEWHERE = {DOCS / "benchmarks.md"}
"""Made by ``make bench``."""
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
SECTIONS = ("## Context", "## Decision", "## Consequences")


@pytest.mark.parametrize("page", all_pages(), ids=lambda page: page.stem)
def test_links_lead_to_files_that_exist(page: Path):
    broken = [target for target in links(page) if not (page.parent / target).exists()]
    assert [target for target in broken if (page.parent / target).resolve() not in WRITTEN_ELSEWHERE] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_script_is_run_or_says_why_not(page: Path):
    unexplained = [block.line for block in blocks(page) if block.language == "sh" and block.directive not in ("run", "not run")]
    assert unexplained == []


@pytest.mark.parametrize("page", [page for page in all_pages() if page not in PAGES], ids=lambda page: page.stem)
def test_other_pages_do_not_pretend_to_be_run(page: Path):
    assert [block.line for block in blocks(page) if block.language == "sh"] == []


def test_the_map_names_every_page():
    mapped = {(DOCS / target).resolve() for target in links(DOCS / "index.md")}
    assert {page for page in all_pages() if page.name != "index.md"} <= mapped | WRITTEN_ELSEWHERE


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_says_context_decision_and_consequences_within_a_page(page: Path):
    content = page.read_text(encoding="utf-8")
    assert [section for section in SECTIONS if section not in content] == []
    assert len(content.splitlines()) <= 60


def test_decisions_are_numbered_without_a_gap():
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_every_runtime_dependency_has_its_line_and_no_other():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.split(r"[^\w.-]", dependency, maxsplit=1)[0] for dependency in project["dependencies"]}
    (page,) = (DOCS / "decisions").glob("0006-*.md")
    listed = re.findall(r"^\| `([\w.-]+)` \|", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(needed)
