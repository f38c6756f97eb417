"""The beam dips for 20 ms, as a real IOC tells it; whoever looks once a second sees nothing."""

from collections.abc import Iterator

import pytest
from ophyd import EpicsSignalRO
from pydantic import TypeAdapter

from instruments.beamline.beam import Beam, beam_interlock
from instruments.journal import read_journal
from instruments.simulated.axes import best_positions
from instruments.simulated.companion import SoftIoc
from instruments.simulated.faults import Fault
from orchestrator.domain.records import Breach
from orchestrator.execution.interlock_watch import InterlockWatch
from orchestrator.testing.instrument_contract import measure
from tests.soft_ioc import Recorder, epics_instrument, make_request, soft_ioc

DIP = [{"type": "beam-dump", "trial": 1, "phase": "inside"}]


@pytest.fixture
def ioc() -> Iterator[SoftIoc]:
    with soft_ioc("DIPS:", time_scale=1.0, faults=TypeAdapter(list[Fault]).validate_python(DIP)) as running:
        yield running


def test_a_dip_of_20_ms_under_a_poll_of_1_s_is_seen_by_monitors_alone(ioc: SoftIoc):
    """Neither interlock has the counter that remembers short losses."""
    interlock = {"pv": "BEAM:CURRENT", "lower": 80.0, "unit": "mA"}
    instrument = epics_instrument(ioc, interlocks={"beam": interlock})
    instrument.connect()
    by_epics, by_site, watch = Recorder(), Recorder(), InterlockWatch()
    ring = EpicsSignalRO("DIPS:BEAM:CURRENT", name="ring_current")
    ring.wait_for_connection(timeout=10.0)
    beam = beam_interlock(Beam(signal="ring_current", at_least=80.0, unit="mA", wait_after_return=600.0), ring)
    instrument.watch(by_epics)
    beam.watch(lambda breach, name: (watch.listen(breach, name), by_site(breach)))
    before = ring.get(use_monitor=False)

    measure(instrument, make_request({"mirror_pitch": best_positions()["mirror_pitch"]}, exposure_s=0.1))

    (dump,) = (line for line in read_journal(ioc.log) if line["what"] == "beam-dump")
    assert dump["until"] - dump["at"] == pytest.approx(0.02)
    assert (before, ring.get(use_monitor=False)) == (100.0, 100.0), "before and after there is beam: a poll of 1 s sees nothing"
    for heard in (by_epics, by_site):
        assert heard.wait_for(lambda breach: isinstance(breach, Breach)).value == 0.0
        heard.wait_for(lambda breach: breach is None)
    assert watch.lost() == {}, "and 20 ms cool nothing: the site's 10 minutes are not waited"
    beam.close()
    instrument.close()
