"""The page about maps, followed to the letter: what it writes is a map."""

import csv

import pytest

from tests.docs.conftest import Played
from tests.docs.pages import DOCS


@pytest.mark.timeout(300)
def test_the_map_is_written_as_the_page_says(played: Played):
    folder = played(DOCS / "how-to" / "map-an-area.md")
    with (folder / "map.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 1600
    assert list(rows[0]) == ["slit_centre", "slit_gap", "flux", "flux_sd"]
    assert all(float(row["flux_sd"]) > 0.0 for row in rows)
    assert len({row["flux"] for row in rows}) > 1000
    assert (folder / "map.csv").read_text() != (folder / "then.csv").read_text()
