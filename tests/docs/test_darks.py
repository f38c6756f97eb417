"""The page on darks and realignment, followed to the letter."""

import pytest

from tests.docs.conftest import Played
from tests.docs.pages import DOCS


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_darks_are_taken_as_the_page_says(played: Played):
    """When darks are taken, and what uses them, is in unit/engine/test_routines."""
    folder = played(DOCS / "how-to" / "darks-and-realignment.md")
    header, *rows = (folder / "night.csv").read_text(encoding="utf-8").splitlines()
    assert "dark" in header.split(",")
    assert [row.split(",")[1] for row in rows].count("dark") == 3
