"""What devices of this process answer with, as Bluesky wants it."""

import threading

import pytest
from bluesky.protocols import Movable, Readable, Status, Triggerable

from instruments.soft_devices import SoftAxis, SoftDetector
from instruments.soft_status import SoftStatus, finished
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.space import Continuous


def test_devices_and_status_follow_blueskys_protocols():
    axis = SoftAxis("x", parameter=Continuous(limits=(0, 1)), start=0.0, moved=lambda _axis, _to: None)
    detector = SoftDetector("counter", units={"counts": ""}, measure=lambda: {"counts": 1.0})
    assert isinstance(axis, Movable)
    assert isinstance(detector, Readable)
    assert isinstance(detector, Triggerable)
    assert isinstance(axis.set(0.5), Status)


def test_who_asks_to_be_told_is_told_once_before_or_after_the_end():
    status, told = SoftStatus(), []
    status.add_callback(lambda _: told.append("early"))
    assert told == []
    status.set_finished()
    status.add_callback(lambda _: told.append("late"))
    assert (told, status.done, status.success) == (["early", "late"], True, True)


def test_what_ended_it_first_counts():
    status, stopped = SoftStatus(), InstrumentError("x was stopped")
    status.set_exception(stopped)
    status.set_finished()
    assert (status.success, status.exception()) == (False, stopped)
    assert finished().exception() is None


def test_one_that_has_not_ended_says_so_and_one_that_ends_is_waited_for():
    status = SoftStatus()
    with pytest.raises(TimeoutError, match="not done yet"):
        status.exception()
    threading.Timer(0.01, status.set_finished).start()
    assert status.exception(timeout=5.0) is None
