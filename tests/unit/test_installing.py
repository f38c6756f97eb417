"""How to install what is missing: from Nightshift's own folder, since an index knows another project of that name."""

import re
import tomllib
from pathlib import Path

import pytest

from orchestrator.wording.installing import how_to_install

ROOT = Path(__file__).resolve().parents[2]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
FOLDERS = ("agents", "docs", "instruments", "orchestrator", "rewards")
TEXTS = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in (".md", ".py")]
NAMED = [path for path in TEXTS if "how_to_install('" in path.read_text(encoding="utf-8")]


def test_the_command_names_the_folder_the_pins_and_the_extra():
    assert how_to_install("site") == f"in {ROOT}, run: pip install -c constraints.txt -e '.[site]'"


def test_without_an_extra_it_installs_what_nightshift_stands_on():
    assert how_to_install().endswith("pip install -c constraints.txt -e .")


def test_no_text_sends_anybody_to_an_index_for_nightshift():
    told = re.compile(r"pip install '?nightshift\b")
    assert not [str(path) for path in TEXTS if told.search(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("path", NAMED, ids=lambda path: path.name)
def test_every_extra_that_is_named_is_one(path: Path):
    assert set(re.findall(r"how_to_install\('(\w+)'\)", path.read_text(encoding="utf-8"))) <= set(EXTRAS)
