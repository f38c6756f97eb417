"""A site's own ophyd devices, lent through an entry point."""

from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import EntryPoint
from typing import Any

import pytest
from ophyd import EpicsMotor, Signal
from ophyd.signal import EpicsSignalRO
from ophyd.sim import SynAxis, SynSignal

from instruments import site
from instruments.simulated.companion import SoftIoc
from instruments.site import Interlock, OphydInstrument, OphydSettings, SiteDevices
from orchestrator.domain.errors import InstrumentError, UnknownPlugin
from orchestrator.domain.records import Breach
from orchestrator.testing.instrument_contract import check_instrument, measure
from tests.soft_ioc import Recorder, make_request, soft_ioc

Lend = Callable[[Callable[[], Any]], None]


@pytest.fixture
def lend(monkeypatch: pytest.MonkeyPatch) -> Lend:
    """Install an entry point ``here`` that lends what a function returns."""

    def install(devices: Callable[[], Any]) -> None:
        point = EntryPoint("here", "tests:nothing", site.ENTRY_POINTS)
        monkeypatch.setattr(type(point), "load", lambda self: devices)
        monkeypatch.setattr(site, "entry_points", lambda group: [point])

    return install


class Bench:
    """A motor, a detector that likes 2 mm, a shutter and a ring current."""

    def __init__(self) -> None:
        self.stage = SynAxis(name="stage_x", delay=0)
        self.detector = SynSignal(func=lambda: 1000.0 - (self.stage.position - 2.0) ** 2, name="diode")
        self.shutter = Signal(name="shutter", value="closed")
        self.ring = Signal(name="ring", value=200.0)
        self.exposure = Signal(name="exposure", value=0.0)
        self.causes: list[str] = []

    def secure(self, cause: str) -> list[str]:
        self.causes.append(cause)
        return ["parked the attenuators"]

    def devices(self, **changes: Any) -> SiteDevices:
        lent: Mapping[str, Any] = {
            "axes": {"x": self.stage},
            "detectors": [self.detector],
            "interlocks": {"ring": Interlock(self.ring, lower=150.0, unit="mA")},
            "exposure": self.exposure,
            "shutter": self.shutter,
            "secure": self.secure,
        }
        return SiteDevices(**{**lent, **changes})


@pytest.fixture
def bench(lend: Lend) -> Bench:
    built = Bench()
    lend(built.devices)
    return built


def build(**settings: Any) -> OphydInstrument:
    usual = {"devices": "here", "axes": {"x": {"limits": [0.0, 25.0], "unit": "mm", "tolerance": 0.01}}}
    return OphydInstrument(OphydSettings.model_validate({**usual, **settings}))


def test_it_keeps_the_contract_of_every_instrument(bench: Bench):
    check_instrument(build())


def test_a_point_is_measured_with_the_shutter_open_and_the_exposure_set(bench: Bench):
    states = Recorder()
    bench.shutter.subscribe(lambda value, **_: states(value), run=False)
    (event,) = measure(build(), make_request({"x": 2.0}, signals=("diode",), exposure_s=0.25)).primary_events()

    assert event["data"]["diode"] == 1000.0
    assert bench.exposure.get() == 0.25
    assert states.heard == ["open", "closed"]


def test_a_dict_of_devices_will_do(lend: Lend):
    bench = Bench()
    lend(lambda: {"axes": {"x": bench.stage}, "detectors": [bench.detector]})
    assert set(build().describe().signals) == {"diode"}


def test_an_interlock_is_heard_when_it_breaks_and_when_it_holds_again(bench: Bench):
    heard, instrument = Recorder(), build()
    instrument.watch(heard)
    for current in (100.0, 90.0, 180.0):
        bench.ring.put(current)

    breach, held = heard.heard
    assert isinstance(breach, Breach)
    assert breach.detail == "ring = 100.0 mA; at least 150 is needed"
    assert held is None
    instrument.close()
    bench.ring.put(0.0)
    assert len(heard.heard) == 2, "closed instruments are silent"


def test_the_safe_state_stops_closes_and_does_what_the_site_adds(bench: Bench):
    bench.shutter.put("open")
    assert build().secure("beam dump") == ("closed the shutter", "stopped x", "parked the attenuators")
    assert bench.shutter.get() == "closed"
    assert bench.causes == ["beam dump"]


def test_a_device_that_cannot_be_stopped_does_not_keep_the_others_from_it(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bench.stage, "stop", lambda **_: 1 / 0)
    closed, not_stopped, parked = build().secure("test")
    assert not_stopped == "not stopped x: ZeroDivisionError: division by zero"
    assert (closed, parked) == ("closed the shutter", "parked the attenuators")


def test_an_axis_without_limits_needs_them_from_the_campaign(bench: Bench):
    with pytest.raises(InstrumentError, match=r"x has no limits of its own; give axes.x.limits"):
        build(axes={}).describe()


def test_a_point_outside_the_limits_moves_nothing(bench: Bench):
    with pytest.raises(InstrumentError, match=r"x = 31.0 mm is outside \[0, 25\] mm"):
        measure(build(), make_request({"x": 31.0}, signals=("diode",)))
    assert bench.stage.position == 0


def test_an_unknown_entry_point_is_refused_with_the_nearest(bench: Bench):
    with pytest.raises(UnknownPlugin, match="no devices are called 'heer'; did you mean 'here'"):
        build(devices="heer").describe()


def test_an_entry_point_that_lends_something_else_is_refused(lend: Lend):
    lend(lambda: ["motor"])
    with pytest.raises(InstrumentError, match="here returned a list, not SiteDevices"):
        build().describe()


def test_settings_for_an_axis_that_is_not_lent_are_refused(bench: Bench):
    with pytest.raises(InstrumentError, match="axes names y; here has x"):
        build(axes={"y": {"unit": "mm"}}).describe()


@pytest.fixture(scope="module")
def ioc() -> Iterator[SoftIoc]:
    with soft_ioc("SITE:", time_scale=0.02) as running:
        yield running


def test_real_motor_records_are_lent_like_anything_else(ioc: SoftIoc, lend: Lend):
    motor, flux = EpicsMotor("SITE:MIR:ROLL", name="roll"), EpicsSignalRO("SITE:DET:FLUX", name="flux")
    lend(lambda: SiteDevices(axes={"roll": motor}, detectors=[flux], has_second_connection=True))
    instrument = build(axes={"roll": {"tolerance": 0.002}})
    axis = instrument.describe().axes["roll"]
    (event,) = measure(instrument, make_request({"roll": 0.5})).primary_events()

    assert axis.parameter.model_dump(include={"limits", "unit"}) == {"limits": (-1.5, 1.5), "unit": "mrad"}
    assert event["data"]["roll"] == pytest.approx(0.5)
    assert instrument.positions()["roll"] == pytest.approx(0.5)
    motor.destroy()
    flux.destroy()


def test_a_device_whose_ioc_is_missing_is_named_with_the_seconds(ioc: SoftIoc, lend: Lend):
    missing = EpicsMotor("NOWHERE:M1", name="m1")
    lend(lambda: SiteDevices(axes={"m1": missing}, detectors=[]))
    with pytest.raises(InstrumentError, match=r"m1 did not connect within 0.2 s"):
        build(axes={}, connect_timeout=0.2).describe()
    missing.destroy()
