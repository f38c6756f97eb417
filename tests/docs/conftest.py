"""Pages are played where a test asks for them, once each. Files run side by side as it is; a fixture that lives as long as the
session would play every page in each of its workers."""

from pathlib import Path
from typing import Protocol

import pytest

from tests.docs.pages import DOCS, ROOT
from tests.docs.shell import play

PAGES = (
    DOCS / "tutorial.md",
    ROOT / "README.md",
    DOCS / "reference" / "campaign-file.md",
    DOCS / "how-to" / "bring-your-profile.md",
    DOCS / "how-to" / "score-later.md",
    DOCS / "how-to" / "detectors-that-write-files.md",
    DOCS / "how-to" / "darks-and-realignment.md",
    DOCS / "how-to" / "measure-many-samples.md",
    DOCS / "how-to" / "read-a-decision.md",
    DOCS / "how-to" / "map-an-area.md",
)


class Played(Protocol):
    """Plays a page with such environment variables, and returns the folder it was played in."""

    def __call__(self, page: Path, **environment: str) -> Path: ...


@pytest.fixture
def played(tmp_path: Path) -> Played:
    def play_page(page: Path, **environment: str) -> Path:
        play(page, tmp_path, **environment)
        return tmp_path

    return play_page
