"""Running a startup folder without IPython, and what watches over it."""

import threading
from pathlib import Path
from typing import Any

import pytest
from ophyd import Signal

from instruments.beamline.devices import find, require_different_pvs
from instruments.beamline.guarding import where_it_is
from instruments.beamline.model import Factories, Interlock
from instruments.beamline.profile import load_profile, startup_files
from instruments.beamline.shell import StandIn, run_file
from instruments.beamline.suspending import from_site, from_suspender
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.records import Breach


def test_startup_files_run_in_the_order_of_their_names_and_nothing_else_does(tmp_path: Path):
    for name in ("10-b.py", "00-a.py", "README", "20-c.ipy", "disabled.py.off"):
        (tmp_path / name).write_text("")
    assert [path.name for path in startup_files(tmp_path)] == ["00-a.py", "10-b.py", "20-c.ipy"]
    with pytest.raises(InstrumentError, match="no such folder"):
        startup_files(tmp_path / "missing")


def test_the_stand_in_takes_whatever_a_profile_asks_of_ipython(tmp_path: Path):
    namespace: dict[str, Any] = {}
    shell = StandIn(namespace)
    namespace["ip"] = shell
    (tmp_path / "a.py").write_text("ip.run_line_magic('matplotlib', 'qt')\nip.events.register('x', print)\nip.user_ns['y'] = __file__\n")
    run_file(tmp_path / "a.py", namespace, shell)
    assert namespace["y"] == str(tmp_path / "a.py")
    assert "__file__" not in namespace


def test_a_hung_thread_is_told_by_its_line():
    entered, leave = threading.Event(), threading.Event()

    def hang() -> None:
        entered.set()
        leave.wait()

    thread = threading.Thread(target=hang)
    thread.start()
    entered.wait()
    try:
        assert where_it_is(thread.ident or 0, Path(__file__).parent).startswith(f"{__file__}:")
    finally:
        leave.set()
        thread.join()


class Pv:
    def __init__(self, pv: str) -> None:
        self.setpoint_pvname = pv


def test_two_axes_on_one_pv_are_refused_and_axes_without_one_are_not():
    require_different_pvs({"a": Pv("BL:M1.VAL"), "b": Pv("BL:M2.VAL"), "c": Signal(name="c"), "d": Signal(name="d")})
    with pytest.raises(InstrumentError, match=r"axes a and b both write BL:M1.VAL"):
        require_different_pvs({"a": Pv("BL:M1.VAL"), "b": Pv("BL:M1.VAL")})


def test_a_device_that_the_profile_lacks_is_refused_with_the_nearest():
    signal = Signal(name="motor")
    assert find({"motor": signal}, "motor") is signal
    with pytest.raises(InstrumentError, match="the profile has no 'moter'; did you mean 'motor'"):
        find({"motor": signal}, "moter")
    with pytest.raises(InstrumentError, match="motor of the profile has no x"):
        find({"motor": signal}, "motor.x")


class Suspender:
    """Answers as bluesky's do."""

    _sleep = 0.0
    _tripped_message = "no beam"
    tripped = False

    def __init__(self, signal: Signal) -> None:
        self._sig = signal

    def _should_suspend(self, value: float) -> bool:
        return value < 100.0

    def _should_resume(self, value: float) -> bool:
        return value > 150.0


def test_a_suspender_is_an_interlock_with_its_own_rule():
    ring, heard = Signal(name="ring", value=200.0), []
    watched = from_suspender(Suspender(ring), {})
    assert watched is not None
    watched.watch(lambda breach, name: heard.append((name, None if breach is None else breach.detail)))
    for current in (90.0, 80.0, 200.0):
        ring.put(current)
    watched.close()
    ring.put(0.0)
    assert heard == [("ring", "ring = 90.0: Suspender no beam"), ("ring", None)]


def test_an_interlock_holds_again_only_after_the_sites_wait():
    ring, heard, held = Signal(name="ring", value=200.0), [], threading.Event()
    suspender = Suspender(ring)
    suspender._sleep = 0.05
    watched = from_suspender(suspender, {})
    assert watched is not None

    def hear(breach: Breach | None, _name: str) -> None:
        heard.append(breach is None)
        if breach is None:
            held.set()

    watched.watch(hear)
    ring.put(0.0)
    ring.put(200.0)
    assert heard == [False]
    assert held.wait(5.0)
    watched.close()


def test_an_interlock_of_the_site_file_may_have_two_bounds():
    temperature, heard = Signal(name="t", value=20.0), []
    watched = from_site("cell", Interlock(device="t", lower=10, upper=30, unit="degC"), temperature)
    watched.watch(lambda breach, _name: heard.append(None if breach is None else breach.detail))
    temperature.put(35.0)
    temperature.put(25.0)
    assert heard == ["t = 35.0 degC; 10 ≤ cell ≤ 30 degC is needed", None]


MANAGED = '''
from types import SimpleNamespace

from ophyd.sim import SynAxis


class Manager:
    """As dodal has it: makes what needs something else, too."""

    def build_all(self):
        made = {"stage": SynAxis(name="stage")} | ({} if BROKEN else {"camera": SynAxis(name="camera")})
        return SimpleNamespace(devices=made, errors={"camera": ValueError("no path provider")} if BROKEN else {})


devices = Manager()


def stage():
    raise AssertionError("made by its manager, not by us")


def diode():
    return SynAxis(name="diode")
'''


@pytest.mark.parametrize("is_broken", [False, True])
def test_devices_that_need_others_are_made_by_dodals_manager_or_named(is_broken: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    name = f"bl_managed_{is_broken}"
    (tmp_path / f"{name}.py").write_text(f"BROKEN = {is_broken}\n{MANAGED}")
    monkeypatch.syspath_prepend(tmp_path)
    if is_broken:
        with pytest.raises(InstrumentError, match=rf"{name} cannot make camera: ValueError: no path provider; mend"):
            load_profile(Factories(factories=name))
        return
    profile = load_profile(Factories(factories=name))
    assert {name for name, value in profile.names.items() if getattr(value, "name", None) == name} == {"stage", "camera", "diode"}
    assert not profile.is_own_engine
