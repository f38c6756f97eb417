"""A night of a hundred trials on a camera that writes files, some of them late or cut short."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from orchestrator.bootstrap import find, open_workplace
from orchestrator.cli.app import app
from orchestrator.domain import events as ev
from rewards.analysis.image_moments import ImageMoments
from tests.integration.frame_writer import spot

HERE = Path(__file__).parent
SITE = """\
name: i98
profile: {factories: i98_factories}
axes:
  lens: {limits: [-1, 1], unit: mm}
detectors:
  cam:
files: {wait_s: 2, root: "FOLDER/{campaign}", least_free: 0}
"""
CAMPAIGN = """\
name: focus
instrument: site
measure: {signals: [cam]}
reward: {type: image, signal: cam, feature: size, goal: minimise}
agent: random
budget: {trials: 100}
"""
FAULTS: Mapping[str, Any] = {"late": {"20": 0.8}, "truncated": [60], "never": [80], "missing": [95]}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_of_a_hundred_files_a_late_one_counts_and_lost_ones_are_measured_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    tmp_path.chmod(0o700)
    (tmp_path / "site.yaml").write_text(SITE.replace("FOLDER", str(tmp_path)))
    (tmp_path / "site.yaml").chmod(0o600)
    (tmp_path / "focus.yaml").write_text(CAMPAIGN)
    surroundings = {"SITE": str(tmp_path / "site.yaml"), "DATA": str(tmp_path / "data"), "LEDGER": f"sqlite:///{tmp_path}/ledger.db"}
    for name, value in surroundings.items():
        monkeypatch.setenv(f"NIGHTSHIFT_{name}", value)
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    monkeypatch.setenv("FRAME_FAULTS", json.dumps(FAULTS))

    done = CliRunner().invoke(app, ["run", str(tmp_path / "focus.yaml"), "--no-wait", "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    with open_workplace() as place:
        data = [event.data for event in place.ledger.read(find(place, "last"))]
    again = [one for one in data if isinstance(one, ev.TrialRemeasured)]
    measured = {one.trial: one.observation for one in data if isinstance(one, ev.TrialMeasured)}
    scored = {one.trial: one.score.objectives["size"].value for one in data if isinstance(one, ev.TrialScored)}

    assert [one.trial for one in again] == [60, 79, 93], "each fault cost one attempt, and each attempt is a file"
    said = ("is truncated: frame 0 ends at byte", "0 of 1 frames are in", "there is no file")
    assert all(words in one.reason for words, one in zip(said, again, strict=True)), [one.reason for one in again]
    assert 0.5 < measured[20].waited_s["cam"] < 2.0
    assert len(scored) == 100
    analyser = ImageMoments(ImageMoments.Settings())
    for trial, size in scored.items():
        width = 2.0 + 20.0 * (float(measured[trial].setpoint["lens"]) - 0.3) ** 2
        assert size == pytest.approx(analyser.features(spot(width))["size"]), f"trial {trial} was scored on its own image"
    assert not any(seen.arrays for seen in measured.values()), "nothing is copied"
