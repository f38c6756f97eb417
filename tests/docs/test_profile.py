"""The page for beamlines, followed to the letter on its own small profile."""

import pytest

from tests.docs.conftest import Played
from tests.docs.pages import DOCS
from tests.docs.shell import KEPT


@pytest.mark.timeout(300)
def test_a_profile_can_be_brought_as_the_page_says(played: Played):
    folder = played(DOCS / "how-to" / "bring-your-profile.md")
    assert len((folder / "peak.csv").read_text(encoding="utf-8").splitlines()) == 5
    assert "Loading 00-base.py" in (folder / KEPT / "profile.log").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_detectors_that_write_files_are_used_as_the_page_says(played: Played):
    """A real detector's files are in integration/test_frames."""
    folder = played(DOCS / "how-to" / "detectors-that-write-files.md")
    assert len(list((folder / "data").rglob("*.h5"))) == 4
