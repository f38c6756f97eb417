"""Pages are played side by side: their processes mostly wait for one another, and a suite should not."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT
from tests.docs.shell import play

PAGES = (DOCS / "tutorial.md", ROOT / "README.md", DOCS / "reference" / "campaign-file.md", DOCS / "how-to" / "score-later.md")

Played = Callable[[Path], Path]
"""Returns the folder a page was played in, or raises what went wrong there."""


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with ThreadPoolExecutor(len(PAGES)) as together:
        folders = {page: tmp_path_factory.mktemp(page.stem) for page in PAGES}
        futures: dict[Path, Future[None]] = {page: together.submit(play, page, folder) for page, folder in folders.items()}

        def wait_for(page: Path) -> Path:
            futures[page].result()
            return folders[page]

        yield wait_for
