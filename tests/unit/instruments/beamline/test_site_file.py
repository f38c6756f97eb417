"""What a site file may say, and whose it must be."""

import os
from pathlib import Path

import pytest

from instruments.beamline.model import SiteFile, Startup
from instruments.beamline.reading import read_site
from instruments.beamline.securing import state_for
from instruments.beamline.survey import FoundAxis, FoundDetector, FoundPlan, Survey
from instruments.beamline.writing import site_text
from orchestrator.domain.errors import SpecError

PROFILE = "name: bl99\nprofile: {startup: /startup}\n"


def write(folder: Path, text: str) -> Path:
    folder.chmod(0o700)
    path = folder / "site.yaml"
    path.write_text(PROFILE + text)
    path.chmod(0o600)
    return path


def test_keys_whose_every_line_is_still_a_comment_allow_nothing(tmp_path: Path):
    site = read_site(write(tmp_path, "axes:\n  # x: {}\ndetectors:\nplans:\ninterlocks:\nmetadata:\n"))
    assert (site.axes, site.detectors, site.plans, site.interlocks, site.metadata) == ({}, {}, {}, {}, {})


def test_a_name_alone_allows_the_device_as_it_is(tmp_path: Path):
    site = read_site(write(tmp_path, "axes: {x: }\ndetectors:\n  diode:\nplans: [count]\n"))
    assert (list(site.axes), list(site.detectors), list(site.plans)) == (["x"], ["diode"], ["count"])


def test_a_plan_is_allowed_by_its_name_alone_or_with_what_it_takes(tmp_path: Path):
    site = read_site(write(tmp_path, "plans:\n  count:\n  scan: {seconds: 3}\n"))
    assert {name: plan.seconds for name, plan in site.plans.items()} == {"count": None, "scan": 3.0}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("axes: {x: {limits: [5, 1]}}", "axes.x: limits [5.0, 1.0] are reversed or empty"),
        ("axes: {x: {limits: [LOW, HIGH]}}", "axes.x.limits.0 = 'LOW'"),
        ('axes: {a: {pv: "BL:M1"}, b: {pv: "BL:M1"}}', "axes.b and axes.a are both BL:M1: one would move the other"),
        ("axes: {x: }\ndetectors: {x: }", "x: listed under axes and detectors; keep one"),
        ("axes: {x: }\nsafe_state: {keep: [furnace]}", "safe_state: furnace is no axis of this file"),
        ("interlocks: {beam: {device: ring}}", "interlocks.beam: give lower, upper or both"),
        ("axis: {x: }", "axis = {'x': None}: Extra inputs are not permitted"),
        ("name: again", "not valid YAML"),
    ],
)
def test_a_site_file_that_cannot_be_is_refused_by_key(tmp_path: Path, text: str, said: str):
    with pytest.raises(SpecError) as refused:
        read_site(write(tmp_path, text))
    assert said in str(refused.value)
    assert str(tmp_path / "site.yaml") in str(refused.value)


def test_a_missing_site_file_names_the_command_that_writes_one(tmp_path: Path):
    with pytest.raises(SpecError, match=r"site.yaml: cannot be read: No such file.*nightshift site init"):
        read_site(tmp_path / "site.yaml")


@pytest.mark.parametrize("mode", [0o664, 0o606])
def test_a_file_that_others_may_write_is_refused_with_the_remedy(tmp_path: Path, mode: int):
    path = write(tmp_path, "")
    path.chmod(mode)
    with pytest.raises(SpecError, match=rf"others may write it \(mode {mode:o}\); chmod go-w"):
        read_site(path)


def test_a_file_in_a_folder_that_others_may_write_is_refused(tmp_path: Path):
    path = write(tmp_path, "")
    tmp_path.chmod(0o777)
    with pytest.raises(SpecError, match="others may replace it"):
        read_site(path)
    tmp_path.chmod(0o1777)
    assert read_site(path).name == "bl99", "in a folder like /tmp others can replace their own files only"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_somebody_else_is_refused(tmp_path: Path):
    path = write(tmp_path, "")
    os.chown(path, 4242, -1)
    with pytest.raises(SpecError, match="belongs to user 4242; a site file must belong to root or to the user who runs Nightshift"):
        read_site(path)


def test_every_axis_needs_a_record_to_be_stopped_from_outside():
    def site(**axes: object) -> SiteFile:
        return SiteFile.model_validate({"name": "b", "profile": {"startup": "/s"}, "axes": axes})

    assert site(x={"pv": "BL:M1"}).can_be_stopped_from_outside
    assert not site(x={"pv": "BL:M1"}, y={}).can_be_stopped_from_outside
    assert not site().can_be_stopped_from_outside


@pytest.mark.parametrize(
    ("cause", "lost", "shutter"),
    [
        ("the motor stuck", ["beam"], "beam"),
        ("the motor stuck", [], "usual"),
        ("stopped", [], "stopped"),
        ("interrupted by a person", [], "stopped"),
        ("the engine is gone", [], "engine-gone"),
    ],
)
def test_the_cause_chooses_the_safe_state(cause: str, lost: list[str], shutter: str):
    causes = {name: {"set": {name.replace("-", "_"): 1}} for name in ("beam", "stopped", "engine-gone")}
    site = SiteFile.model_validate(
        {"name": "b", "profile": {"startup": "/s"}, "safe_state": {"set": {"usual": 1}}, "safe_state_when": causes}
    )
    assert list(state_for(site, cause, lost).set) == [shutter.replace("-", "_")]


def test_a_written_site_file_is_valid_whatever_devices_say_of_themselves(tmp_path: Path):
    found = Survey(
        axes=(FoundAxis("x", "Motor", "BL:M1", "mm", (-1.0, 1.0), 0.5, "0.25"), FoundAxis("y", "Soft", problem="TimeoutError: a\nb")),
        detectors=(FoundDetector("d", "Camera", "BL:CAM", ("total [counts]",)),),
        plans=(FoundPlan("scan", "(dets,\n num)", "Scan\n# name: evil"),),
        suspenders=(),
        has_run_engine=False,
    )
    path = tmp_path / "site.yaml"
    path.write_text(site_text("bl99: #1", Startup(startup="/a 'b'"), found))
    with pytest.raises(SpecError, match="name = 'bl99: #1'"):
        read_site(path)
    path.write_text(site_text("bl99", Startup(startup="/a 'b'"), found).replace("  # x:", "  x:").replace("  # d:", "  d:"))
    site = read_site(path)
    assert site.axes["x"].limits == (-1.0, 1.0)
    assert site.axes["x"].pv == "BL:M1"
    assert list(site.detectors) == ["d"]
    assert site.profile == Startup(startup="/a 'b'")
