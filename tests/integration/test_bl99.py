"""A startup folder as beamlines have them, unmodified, lent to campaigns by a site file."""

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from instruments.beamline.model import Startup
from instruments.beamline.reading import read_site
from instruments.simulated.companion import SoftIoc
from orchestrator.bootstrap.children import start_instrument, start_sentinel
from orchestrator.bootstrap.site_files import init_site
from orchestrator.domain.errors import BadInput, InstrumentError, SpecError
from orchestrator.domain.instrument import MeasureRequest
from orchestrator.domain.measuring import Combined, PlanCall, Reduced
from orchestrator.domain.ports import Measured, NotMeasured, Refused
from orchestrator.domain.records import Observation, TrialKind
from orchestrator.domain.spec import Plugin
from orchestrator.execution.executor import ProcessExecutor
from orchestrator.execution.sentinel import Sentinel
from orchestrator.processes import Child
from tests.soft_ioc import soft_ioc, write_from_elsewhere

PROFILE = Path(__file__).parent / "profile_bl99" / "startup"
SITE = f"""\
name: bl99
profile: {{startup: {PROFILE}}}
axes:
  stage_x: {{limits: [-10, 10], unit: mm, speed: 2.0, tolerance: 0.01}}
  m1.pitch: {{pv: "BL99:MIR:PITCH"}}
detectors:
  diode:
  i0:
  thermometer:
plans: {{peak_scan: , count: {{kind: dark, seconds: 2}}, two_runs: {{kind: alignment}}, open_shutter: }}
beam: {{signal: ring_current, at_least: 80, unit: mA, wait_after_return: 5 min}}
shutter: {{device: shutter}}
safe_state: {{keep: [stage_x], set: {{furnace: 20}}}}
safe_state_when: {{stopped: {{stop: [m1.pitch], shutter: leave}}}}
"""

Settle = Callable[..., Any]


@pytest.fixture(scope="module")
def ioc() -> Iterator[SoftIoc]:
    with soft_ioc("BL99:", time_scale=0.02) as running:
        yield running


def write_site(folder: Path, text: str = SITE) -> Path:
    path = folder / "site.yaml"
    path.write_text(text)
    path.chmod(0o600)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("bl99")
    before = os.environ.get("NIGHTSHIFT_SITE")
    os.environ["NIGHTSHIFT_SITE"] = str(write_site(folder))
    yield folder
    os.environ.pop("NIGHTSHIFT_SITE")
    if before is not None:
        os.environ["NIGHTSHIFT_SITE"] = before


@pytest.fixture(scope="module")
def children() -> list[Child]:
    return []


@pytest.fixture(scope="module")
def executor(ioc: SoftIoc, folder: Path, children: list[Child]) -> Iterator[ProcessExecutor]:
    executor = ProcessExecutor(lambda: start_instrument(Plugin(type="site"), folder), on_start=children.append)
    yield executor
    executor.close()


@pytest.fixture
def settle(executor: ProcessExecutor, request: pytest.FixtureRequest) -> Settle:
    def settle(plan: PlanCall | None = None, **changes: Any) -> Any:
        usual: dict[str, Any] = {"point": {"stage_x": 1.0}, "signals": ("diode",), "kind": TrialKind.AGENT, "seed": 0, "token": 1}
        return executor.settle(MeasureRequest(campaign=request.node.name, trial=1, attempt=1, plan=plan, **{**usual, **changes}))

    return settle


def observed(settled: Any) -> Observation:
    assert isinstance(settled, Measured), settled
    return settled.observation


def peak_scan(**args: Any) -> PlanCall:
    return PlanCall(name="peak_scan", args={"detectors": ["diode", "i0"], "motor": "stage_x", "width": "$width", **args})


def test_the_profile_is_described_as_far_as_the_site_file_allows(executor: ProcessExecutor):
    told = executor.describe()
    assert told.identity == "site:bl99"
    assert {name: axis.parameter.limits for name, axis in told.axes.items()} == {"stage_x": (-10, 10), "m1.pitch": (2.7, 3.3)}  # type: ignore[union-attr]
    assert {name: signal.unit for name, signal in told.signals.items()} == {"diode": "", "i0": "", "thermometer-celsius": "degC"}
    assert set(told.plans) == {"peak_scan", "count", "two_runs", "open_shutter"}
    assert "ring_current" in told.interlocks, "the profile's suspender is an interlock"
    assert (told.interlocks["beam"].role, told.interlocks["beam"].lower) == ("beam", 80)
    assert (told.plans["count"].kind, told.plans["count"].seconds, told.plans["peak_scan"].kind) == ("dark", 2, None)


def test_without_a_plan_the_axes_move_and_the_detectors_are_read_on_the_profiles_own_run_engine(settle: Settle):
    seen = observed(settle(signals=("diode", "thermometer-celsius")))
    assert seen.readings == {"diode": 990.0, "thermometer-celsius": 21.5}
    assert seen.readback == {"stage_x": 1.0}
    assert seen.scan_id is not None
    assert seen.scan_id > 41000, "counted on from RE.md"
    assert seen.streams == {"baseline": 2}, "SupplementalData's baseline is kept where the documents are"


def test_a_trial_is_one_call_of_a_plan_filled_from_the_point(settle: Settle):
    derive = {
        "peak": Reduced(take="max", of="diode"),
        "curve": Reduced(take="array", of="diode"),
        "ratio": Combined(take="ratio", of=("diode", "i0"), band=(50.0, 150.0)),
    }
    seen = observed(settle(peak_scan(), point={"stage_x": 1.0, "width": 2.0}, signals=tuple(derive), derive=derive))
    assert seen.readings["peak"] == 1000.0
    assert seen.readings["ratio"] == pytest.approx(9.86, abs=0.05)
    assert seen.sds["ratio"] > 0
    assert seen.arrays["curve"].shape == (11,)
    assert seen.readback == {"stage_x": 1.0}, "where the scan began, not where it ended"


def test_i0_outside_its_band_is_no_score(settle: Settle):
    derive = {"ratio": Combined(take="ratio", of=("diode", "i0"), band=(500.0, 600.0))}
    seen = observed(settle(peak_scan(), point={"width": 2.0}, signals=("ratio",), derive=derive))
    assert seen.readings == {"ratio": None}
    assert "outside its band [500, 600]" in seen.remarks["ratio"]


def test_a_routines_plan_reads_what_it_likes_as_often_as_it_likes(settle: Settle):
    count = PlanCall(name="count", args={"detectors": ["diode", "i0"], "num": 4})
    dark = observed(settle(count, point={}, kind=TrialKind.DARK, keeps_all=True, exposure_s=0.5, uses={"two_runs": 3}))
    assert set(dark.readings) == {"diode", "i0"}, "the mean of each, with its standard error"
    assert 0 < dark.sds["i0"] < 0.5
    assert (dark.exposure_s, dark.uses) == (0.0, {"two_runs": 3}), "without beam, and leaning on the alignment"
    two_runs = PlanCall(name="two_runs", args={"detectors": ["diode"]})
    alignment = observed(settle(two_runs, point={}, kind=TrialKind.ALIGNMENT, keeps_all=True))
    assert set(alignment.readings) == {"diode"}


def test_a_plan_that_would_leave_the_limits_is_ended_before_it_moves(settle: Settle, executor: ProcessExecutor):
    settled = settle(peak_scan(width=50))
    assert isinstance(settled, NotMeasured)
    assert "would send stage_x to -24 mm, outside [-10, 10] mm" in settled.reason
    assert executor.status().positions["stage_x"] == 1


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (PlanCall(name="two_runs", args={"detectors": ["diode"]}), "two_runs opened 2 runs"),
        (
            PlanCall(name="peak_scan", args={"detectors": ["diode"], "motor": "stage_x", "width": 2.0}),
            "read diode 11 times; say which counts",
        ),
    ],
)
def test_a_plan_whose_reading_is_not_one_number_says_what_to_declare(settle: Settle, plan: PlanCall, said: str):
    with pytest.raises(InstrumentError, match=said):
        settle(plan)


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (PlanCall(name="open_shutter"), "the plan opened no run"),
        (PlanCall(name="count", args={"detectors": ["furnace"]}), "the site allows no device"),
        (PlanCall(name="scan", args={}), "the site allows no plan 'scan'"),
        (PlanCall(name="peak_scan", args={"motor": "stage_x"}), "missing a required argument: 'detectors'"),
    ],
)
def test_a_call_that_cannot_be_made_ends_the_attempt_in_words(settle: Settle, plan: PlanCall, said: str):
    settled = settle(plan)
    assert isinstance(settled, NotMeasured)
    assert said in settled.reason


def test_the_safe_state_depends_on_the_cause(executor: ProcessExecutor):
    assert executor.secure("recovery") == ("closed the shutter", "left stage_x as it is", "stopped m1.pitch", "set furnace to 20")
    assert executor.secure("stopped") == ("stopped m1.pitch",)


def test_while_a_suspender_of_the_profile_is_tripped_no_trial_begins(settle: Settle, executor: ProcessExecutor, ioc: SoftIoc):
    write_from_elsewhere(ioc, "SHUTTER", "open")
    assert wait_until(lambda: set(executor.status().lost) == {"front_end"})
    refused = settle()
    assert isinstance(refused, Refused)
    assert "SuspendBoolHigh somebody is in the hutch" in refused.breaches[0].detail
    write_from_elsewhere(ioc, "SHUTTER", "closed")
    assert wait_until(lambda: not executor.status().lost)
    assert isinstance(settle(), Measured)


def wait_until(is_so: Callable[[], bool], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
    return True


def test_what_the_profile_prints_is_kept_in_a_log(executor: ProcessExecutor, folder: Path):
    assert "Loading 00-base.py ..." in (folder / "profile.log").read_text()


def test_the_first_site_file_lists_everything_and_allows_nothing(ioc: SoftIoc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NIGHTSHIFT_DATA", str(tmp_path))
    source, target = Startup(startup=str(PROFILE)), tmp_path / "site.yaml"
    path, found = init_site(source, target, name="bl99", load_seconds=60, connect_seconds=10, replace=False)
    text = path.read_text()

    assert '# m1.pitch: {limits: [2.7, 3.3], unit: "mrad", speed: 2.5, pv: "BL99:MIR:PITCH"}' in text
    assert "# stage_x: {limits: [LOW, HIGH]" in text
    assert "# peak_scan:  # (detectors, motor, width, num=11); Scan a motor around where it stands, and come back." in text
    assert "SuspendFloor on ring_current" in text
    assert not any(one.problem for one in (*found.axes, *found.detectors))
    site = read_site(path)
    assert (site.axes, site.detectors, site.plans) == ({}, {}, {})
    with pytest.raises(BadInput, match="exists; staff may have allowed things in it"):
        init_site(source, target, name="bl99", load_seconds=60, connect_seconds=10, replace=False)


def refusal_of(folder: Path, monkeypatch: pytest.MonkeyPatch, profile: Mapping[str, str], site: str = "") -> str:
    """Return why an instrument process with this profile cannot be connected."""
    startup = folder / "startup"
    startup.mkdir()
    for name, text in profile.items():
        (startup / name).write_text(text)
    path = write_site(folder, f"name: bad\nprofile: {{startup: {startup}}}\n{site}")
    monkeypatch.setenv("NIGHTSHIFT_SITE", str(path))
    with pytest.raises((InstrumentError, SpecError)) as refused:
        ProcessExecutor(lambda: start_instrument(Plugin(type="site"), folder), connect_seconds=60.0)
    return str(refused.value)


def test_a_profile_that_raises_is_named_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    said = refusal_of(tmp_path, monkeypatch, {"00-base.py": "x = 1\n", "10-motors.py": "print('here')\n\nmotor = Motr('X')\n"})
    assert "10-motors.py:3: NameError: name 'Motr' is not defined; mend the profile" in said
    assert "profile.log" in said
    assert (tmp_path / "profile.log").read_text() == "here\n"


def test_a_profile_that_blocks_is_ended_and_told_where_it_hung(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    profile = {"10-wait.py": "import threading\nthreading.Event().wait()\n"}
    said = refusal_of(tmp_path, monkeypatch, profile, "load_timeout: 1 s\n")
    assert "the profile has run for 1 s and is at" in said
    assert "10-wait.py:2: threading.Event().wait()" in said


def test_a_device_that_does_not_connect_is_named_with_the_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    profile = {"10.py": "from ophyd import EpicsMotor\na = EpicsMotor('NOWHERE:A', name='a')\n"}
    said = refusal_of(tmp_path, monkeypatch, profile, "connect_timeout: 0.3 s\naxes: {a: }\n")
    assert re.search(r"no connection within 0.3 s to a \(TimeoutError.*raise connect_timeout", said)


def test_a_second_process_stops_the_axes_without_the_profile(ioc: SoftIoc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    text = 'name: far\nprofile: {startup: /nowhere}\naxes: {m1.pitch: {pv: "BL99:MIR:PITCH"}, m1.roll: {pv: "BL99:MIR:ROLL"}}\n'
    monkeypatch.setenv("NIGHTSHIFT_SITE", str(write_site(tmp_path, text)))
    sentinel = Sentinel(start_sentinel(Plugin(type="site"), tmp_path))
    try:
        assert sentinel.secure("test")[0] == "stopped all axes"
    finally:
        sentinel.close()
