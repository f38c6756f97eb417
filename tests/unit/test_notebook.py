"""A campaign in a notebook: the same table as an export."""

import csv
import io
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import orchestrator
from orchestrator.bootstrap import open_workplace
from orchestrator.cli.app import app
from orchestrator.domain.errors import UnknownCampaign
from tests.night import AXES, Night
from tests.recorded import record


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path}/ledger.db"
    monkeypatch.setenv("NIGHTSHIFT_LEDGER", url)
    monkeypatch.delenv("NIGHTSHIFT_DATA", raising=False)
    with open_workplace(url) as place:
        night = Night().begin()
        for value in (0.25, 0.75):
            night.whole_trial(dict.fromkeys(AXES, value), 10.0 * value)
        record(place, night, "night-1")
    return url


def test_the_frame_is_what_load_prints_and_export_writes(ledger: str):
    frame = orchestrator.load("night")
    printed = CliRunner().invoke(app, ["load", "night"])
    rows = list(csv.DictReader(io.StringIO(printed.stdout)))
    assert list(frame.columns) == list(rows[0])
    assert len(frame) == len(rows) == 2
    assert "orchestrator.load('night-1')" in printed.stderr
    assert frame.attrs["campaign"] == "night-1"


def test_numbers_are_numbers_and_moments_are_utc(ledger: str):
    frame = orchestrator.load("last", ledger)
    scores = frame[next(name for name in frame.columns if name.startswith("score."))]
    assert pd.api.types.is_float_dtype(scores)
    assert str(frame["suggested_at"].dt.tz) == "UTC"


def test_an_unknown_campaign_is_refused(ledger: str):
    with pytest.raises(UnknownCampaign, match="no campaign is called 'morning'"):
        orchestrator.load("morning", ledger)
