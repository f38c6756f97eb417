"""The tutorial, played from its first command to its last; the README's test has every run draw its report."""

import pytest

from tests.docs.conftest import Played
from tests.docs.pages import DOCS


@pytest.mark.timeout(300)
def test_the_tutorial_can_be_followed_to_the_letter(played: Played):
    folder = played(DOCS / "tutorial.md")
    assert (folder / "report.html").stat().st_size > 10_000
    assert len((folder / "table.csv").read_text(encoding="utf-8").splitlines()) == 11
