"""run --simulate: what a night would take, from the site file alone."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestrator.bootstrap.rehearsing import seconds_to_move
from orchestrator.cli.app import app
from orchestrator.domain.instrument import AxisDescription
from orchestrator.domain.space import Continuous

SITE = """\
name: bl99
profile: {startup: /nowhere}
axes:
  x: {limits: [0, 10], unit: mm, speed: 2.0}
detectors: {diode: }
dose: {factor: 0.4, unit: kGy}
plans: {peak_scan: {seconds: 30}}
"""
CAMPAIGN = """\
name: night
instrument: site
measure: {plan: {name: peak_scan, args: {detectors: [diode], motor: x, width: $width}}, derive: {peak: {take: max, of: diode}}, exposure: 5}
space: {x: {limits: [2, 8]}, width: {limits: [1, 2], unit: mm}}
reward: {signal: peak}
agent: {type: scripted, points: [{x: 2, width: 1}, {x: 8, width: 2}, {x: 5, width: 1}]}
budget: {trials: 3}
"""


@pytest.fixture
def campaign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tmp_path.chmod(0o700)
    site = tmp_path / "site.yaml"
    site.write_text(SITE)
    site.chmod(0o600)
    monkeypatch.setenv("NIGHTSHIFT_SITE", str(site))
    monkeypatch.setenv("NIGHTSHIFT_DATA", str(tmp_path / "data"))
    path = tmp_path / "night.yaml"
    path.write_text(CAMPAIGN)
    return path


def test_axes_of_one_trial_move_at_once():
    def axis(speed: float | None) -> AxisDescription:
        return AxisDescription(parameter=Continuous(limits=(0.0, 10.0)), field="x", speed=speed)

    axes = {"fast": axis(10.0), "slow": axis(0.5), "unknown": axis(None)}
    assert seconds_to_move(dict.fromkeys(axes, 1.0), dict.fromkeys(axes, 2.0), axes) == 2.0


def test_the_night_is_foreseen_without_running_the_profile(campaign: Path):
    done = CliRunner().invoke(app, ["run", str(campaign), "--simulate", "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["trials"] == 3
    assert told["moving_s"] == pytest.approx(6 / 2 + 3 / 2)
    assert told["measuring_s"] == 90.0
    assert told["exposure_s"] == 15.0
    assert told["dose"] == pytest.approx(6.0)
    assert "dose 6 kGy" in done.stderr
    assert "dose 6 kGy" in CliRunner().invoke(app, ["run", str(campaign), "--simulate"]).stdout
    assert told["travel"] == {"x": 9.0}, "width is an argument, which nothing travels"
    assert "nothing was connected, moved or recorded" in done.stderr
    assert [line[:23] for line in done.stderr.splitlines()[:3]] == [f"simulated  trial {n} of 3" for n in (1, 2, 3)]
    assert not (campaign.parent / "data" / "ledger.db").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--data", "old.csv"], "--data old.csv is for --simulate"),
        (["--simulate", "--set", "measure.plan.name=other"], "the site allows no such plan"),
        (["--simulate", "--set", "space.x.limits=[2, 80]"], "beyond x's own limits [0, 10]"),
        (["--simulate", "--set", "instrument={type: epics, layout: simulated-beamline}"], "tells its axes and limits only when connected"),
    ],
)
def test_what_cannot_be_foreseen_is_refused(campaign: Path, arguments: list[str], said: str):
    done = CliRunner().invoke(app, ["run", str(campaign), *arguments])
    assert done.exit_code == 2
    assert said in done.stderr


FILES = """\
metadata: {proposal: text}
files: {root: "/nowhere/{proposal}/{campaign}", wait_s: 1}
derive: {light: {take: roi_sum, of: cam, x: [0, 9]}, net: {take: dark, of: light}}
"""


def test_a_night_on_a_camera_that_writes_files_is_foreseen_without_a_disk(campaign: Path):
    site = campaign.with_name("site.yaml")
    site.write_text(SITE.replace("diode: ", "cam: ") + FILES)
    text = (
        "name: night\ninstrument: site\nspace: {x: {limits: [2, 8]}}\nagent: random\nbudget: {trials: 2}\nmetadata: {proposal: PROPOSAL}\n"
    )
    text += "rewards: [{type: image, signal: cam, feature: size, goal: minimise}, {signal: net}]\n"
    campaign.write_text(text.replace("PROPOSAL", "cm1"))
    done = CliRunner().invoke(app, ["run", str(campaign), "--simulate", "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["trials"] == 2


class TestCheckedWithoutConnecting:
    """``check`` compares a campaign with what the site file lends, before anything is connected."""

    def test_the_space_is_told_and_what_stays_open(self, campaign: Path):
        done = CliRunner().invoke(app, ["check", str(campaign)], catch_exceptions=False)
        assert done.exit_code == 0, done.stderr
        assert "x: 2 … 8 mm (continuous)" in done.stdout
        assert "compared with what the site file lends; site tells what it reads only when connected: add --connect" in done.stdout

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ("space.x.limits=[-50, 5]", "beyond x's own limits [0, 10]"),
            ("space={z: {limits: [2, 8]}, width: {limits: [1, 2], unit: mm}}", "the instrument has no axis 'z'"),
            ("measure.plan.name=other", "the site allows no such plan"),
        ],
    )
    def test_what_the_site_does_not_lend_is_refused(self, campaign: Path, change: str, said: str):
        done = CliRunner().invoke(app, ["check", str(campaign), "--set", change])
        assert done.exit_code == 2
        assert said in done.stderr

    def test_an_axis_without_limits_in_the_site_file_is_no_reason_to_refuse(self, campaign: Path):
        campaign.with_name("site.yaml").write_text(SITE.replace("limits: [0, 10], ", ""))
        done = CliRunner().invoke(app, ["check", str(campaign)], catch_exceptions=False)
        assert done.exit_code == 0, done.stderr
        assert "the site file tells too little to compare with: axes.x has no limits in the site file" in done.stdout

    def test_an_instrument_that_only_the_hardware_knows_is_left_to_connect(self, campaign: Path):
        change = "instrument={type: epics, layout: simulated-beamline}"
        done = CliRunner().invoke(app, ["check", str(campaign), "--set", change], catch_exceptions=False)
        assert done.exit_code == 0, done.stderr
        assert "epics tells its axes and limits only when connected; add --connect to compare them" in done.stdout
