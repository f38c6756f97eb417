"""Mock devices: another instrument's limits, and no way to reach a real PV."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from instruments.rehearsal import RehearsalInstrument, RehearsalSettings, read_earlier
from orchestrator.domain.errors import InstrumentError, SpecError
from orchestrator.domain.instrument import AxisDescription
from orchestrator.domain.space import Categorical, Continuous
from orchestrator.testing.instrument_contract import check_instrument, measure
from tests.soft_ioc import make_request

AXES = {
    "m1.pitch": AxisDescription(parameter=Continuous(limits=(2.0, 4.0), unit="mrad"), field="m1_pitch"),
    "sample": AxisDescription(parameter=Categorical(values=("a", "b")), field="sample"),
}


def build(**changes: Any) -> RehearsalInstrument:
    return RehearsalInstrument(RehearsalSettings.model_validate({"axes": AXES, "signals": {"peak": "maximise"}, **changes}))


def test_it_keeps_the_contract_of_every_instrument():
    check_instrument(build())


def test_the_limits_are_those_of_the_real_device():
    with pytest.raises(InstrumentError, match=r"m1-pitch = 4.5 is outside what the device can do, \[2.0, 4.0\] mrad"):
        measure(build(), make_request({"m1.pitch": 4.5, "sample": "a"}, signals=("peak",)))


def earlier(folder: Path, text: str) -> Path:
    path = folder / "old.csv"
    path.write_text(text)
    return path


def test_earlier_data_answer_where_they_were_measured(tmp_path: Path):
    path = earlier(tmp_path, "trial,setpoint.m1.pitch [mrad],setpoint.sample,score.peak [nA]\n1,2.5,a,10\n2,3.5,a,20\n3,3.5,b,\n")
    data = read_earlier(path, AXES, ("peak",))
    assert data.at("peak", {"m1.pitch": 2.5, "sample": "a"}) == pytest.approx(10.0)
    assert data.at("peak", {"m1.pitch": 3.0, "sample": "a"}) == pytest.approx(15.0)
    (event,) = measure(build(data=str(path)), make_request({"m1.pitch": 3.5, "sample": "a"}, signals=("peak",))).primary_events()
    assert event["data"]["peak"] == pytest.approx(20.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("m1.pitch,peak\n1,2\n", "has no column sample; it has m1.pitch, peak"),
        ("", "has no column m1.pitch, sample, peak; it has no rows"),
        ("m1.pitch,sample,peak\n1,a,\n", "no row has all of"),
        ("m1.pitch,sample,peak\none,a,2\n", "could not convert string to float: 'one'"),
        ("m1.pitch,sample,peak\n1,c,2\n", "must be a number or a known name"),
    ],
)
def test_data_that_cannot_answer_are_refused(tmp_path: Path, text: str, said: str):
    with pytest.raises(SpecError) as refused:
        read_earlier(earlier(tmp_path, text), AXES, ("peak",))
    assert said in str(refused.value)


_IN_ITS_PROCESS = """
import sys
from instruments.rehearsal import RehearsalInstrument, RehearsalSettings
from orchestrator.testing.instrument_contract import measure
from tests.soft_ioc import make_request

axes = {"x": {"parameter": {"limits": [0, 1]}, "field": "x"}}
instrument = RehearsalInstrument(RehearsalSettings.model_validate({"axes": axes, "signals": {"peak": "maximise"}}))
measure(instrument, make_request({"x": 0.5}, signals=("peak",)))
import ophyd
assert ophyd.cl.name == "dummy", ophyd.cl.name
assert not [name for name in sys.modules if name.split(".")[0] in ("epics", "caproto", "aioca", "p4p")], "a library that opens PVs"
"""


def test_its_process_holds_no_library_that_could_open_a_pv():
    code = _IN_ITS_PROCESS.replace("from tests.soft_ioc import make_request\n", _REQUEST)
    surroundings = {**os.environ, **RehearsalInstrument.environment}
    done = subprocess.run([sys.executable, "-c", code], env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-800:]


_REQUEST = """
from orchestrator.domain.instrument import MeasureRequest
def make_request(point, signals):
    return MeasureRequest(campaign="c", trial=1, attempt=1, kind="agent", point=point, signals=signals, seed=0, token=1)
"""
