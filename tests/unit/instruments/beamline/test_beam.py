"""The beam in the site file: dips, the wait after its return, and top-up."""

import threading
from pathlib import Path
from typing import Any

import pytest
from ophyd import Signal
from pydantic import ValidationError

from instruments.beamline.beam import Beam, TopUp, beam_interlock, top_up_interlock
from instruments.beamline.model import SiteFile
from instruments.settling import Settling
from orchestrator.domain.records import Breach
from orchestrator.testing.fakes import EVENING


class Heard:
    """What a listener is told, in words, and an event for the end of a wait."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.breaches: list[Breach] = []
        self.holds = threading.Event()

    def __call__(self, breach: Breach | None, _interlock: str) -> None:
        self.words.append("holds" if breach is None else "lost" if breach.until is None else "settles")
        if breach is None:
            self.holds.set()
        else:
            self.breaches.append(breach)


def watched(beam: Beam) -> tuple[Signal, Heard, Any]:
    ring, heard = Signal(name="ring", value=100.0), Heard()
    interlock = beam_interlock(beam, ring)
    interlock.watch(heard)
    return ring, heard, interlock


def test_a_dip_keeps_its_lowest_value_and_is_not_waited_for():
    ring, heard, interlock = watched(Beam(signal="ring", at_least=80.0, unit="mA", wait_after_return=600.0))
    for current in (60.0, 3.0, 40.0, 100.0):
        ring.put(current)
    interlock.close()
    assert heard.words == ["lost", "lost", "holds"], "the second telling is the worse value"
    assert [breach.value for breach in heard.breaches] == [60.0, 3.0]
    assert len({breach.at for breach in heard.breaches}) == 1, "of one loss"
    assert heard.breaches[0].detail == "ring = 60 mA; at least 80 mA is needed"


def test_after_a_longer_loss_the_sites_wait_is_told_and_kept():
    ring, heard, interlock = watched(Beam(signal="ring", at_least=80.0, wait_after_return=0.05, short_loss=0.0))
    ring.put(0.0)
    ring.put(100.0)
    assert heard.words == ["lost", "settles"]
    assert heard.breaches[-1].until is not None
    assert heard.holds.wait(5.0)
    interlock.close()


def test_a_short_dip_while_the_beam_settles_does_not_end_the_wait():
    heard = Heard()
    settling = Settling("beam", 600.0, heard, short_loss=3600.0)
    settling.lost(Breach(interlock="beam", value=0.0, at=EVENING))
    settling.held()
    settling.lost(Breach(interlock="beam", value=0.0, at=heard.breaches[-1].until))
    settling.held()
    settling.cancel()
    assert heard.words == ["lost", "settles", "lost", "settles"]
    assert heard.breaches[1].until == heard.breaches[3].until


def test_no_trial_begins_while_an_injection_lasts():
    gate, heard = Signal(name="gate", value=0), Heard()
    interlock = top_up_interlock(TopUp(injecting="gate"), gate)
    interlock.watch(heard)
    gate.put(1)
    gate.put(0)
    interlock.close()
    assert heard.words == ["lost", "holds"]
    assert (interlock.description.role, interlock.description.spoils) == ("top-up", True)


def test_a_countdown_keeps_trials_from_beginning_shortly_before_an_injection():
    countdown, heard = Signal(name="countdown", value=60.0), Heard()
    interlock = top_up_interlock(TopUp(countdown="countdown", before=5.0, reading="keep"), countdown)
    interlock.watch(heard)
    for left in (30.0, 4.0, 600.0):
        countdown.put(left)
    interlock.close()
    assert heard.words == ["lost", "holds"]
    assert heard.breaches[0].detail == "countdown = 4 s to an injection; more than 5 s are needed"
    assert not interlock.description.spoils


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"beam": {"signal": "ring", "at_least": 80, "top_up": {}}}, "give injecting, .* or countdown"),
        ({"beam": {"signal": "ring", "at_least": 80, "top_up": {"injecting": "a", "countdown": "b"}}}, "one of them"),
        ({"beam": {"signal": "ring", "at_least": 80, "wait_after_return": -5}}, "greater than or equal to 0"),
        ({"beam": {"signal": "ring"}}, "at_least"),
        ({"beam": {"signal": "ring", "at_least": 80}, "interlocks": {"beam": {"device": "r", "lower": 1}}}, "of that name itself"),
    ],
)
def test_a_beam_that_makes_no_sense_is_refused(more: dict[str, Any], said: str):
    with pytest.raises(ValidationError, match=said):
        SiteFile.model_validate({"name": "bl99", "profile": {"startup": str(Path())}, **more})
