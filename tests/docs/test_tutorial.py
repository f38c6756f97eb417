"""The tutorial, played from its first command to its last."""

from pathlib import Path

import pytest

from tests.docs.pages import DOCS
from tests.docs.shell import play


@pytest.mark.timeout(300)
def test_the_tutorial_can_be_followed_to_the_letter(tmp_path: Path):
    play(DOCS / "tutorial.md", tmp_path)
    assert (tmp_path / "report.html").stat().st_size > 10_000
    assert len((tmp_path / "table.csv").read_text(encoding="utf-8").splitlines()) == 11
