"""What other processes of the same person can ask a sentinel."""

import contextlib
import os
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from orchestrator.bootstrap.live import LiveLine, live_values
from orchestrator.bootstrap.sentinel_line import ask, asking
from orchestrator.bootstrap.workplace import Workplace
from orchestrator.domain.errors import InstrumentError
from orchestrator.execution.sentinel_address import address_of
from orchestrator.execution.sentinel_socket import SentinelSocket
from orchestrator.store.artefacts import FolderArtefacts
from orchestrator.store.memory import MemoryLedger

CAMPAIGN = "alignment-1"


class Devices:
    """An instrument that notes what it is asked, and hangs when told to."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.n_looks = 0
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def live(self) -> Mapping[str, Any]:
        self.n_looks += 1
        return {"positions": {"x": float(self.n_looks)}, "is_moving": False}

    def halt(self) -> None:
        self.done.append("halted")

    def secure(self, cause: str) -> tuple[str, ...]:
        assert self.may_go_on.wait(20.0)
        self.done.append(cause)
        return ("stopped all axes",)


@pytest.fixture
def devices() -> Devices:
    return Devices()


@pytest.fixture
def sentinel(devices: Devices, tmp_path: Path) -> Iterator[SentinelSocket]:
    heard = SentinelSocket(devices, devices.secure, address_of(tmp_path, CAMPAIGN))  # type: ignore[arg-type]
    heard.start()
    yield heard
    heard.close()


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    return Workplace(MemoryLedger(), FolderArtefacts(tmp_path / "artefacts"), tmp_path, "memory:")


def newest(line: LiveLine, is_it: Callable[[Mapping[str, Any]], bool] = lambda _values: True) -> Mapping[str, Any]:
    deadline = time.monotonic() + 20.0
    while (values := line.newest()) is None or not is_it(values):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return values


@pytest.mark.usefixtures("sentinel")
def test_everything_is_stopped_and_made_safe_with_the_time_it_was_done(devices: Devices, tmp_path: Path):
    asked_at = time.monotonic()
    halted = ask(tmp_path, CAMPAIGN, {"do": "halt"}, patience=10.0)
    secured = ask(tmp_path, CAMPAIGN, {"do": "secure", "cause": "smoke"}, patience=10.0)
    assert devices.done == ["halted", "smoke"]
    assert asked_at <= halted["at"] <= secured["at"] <= time.monotonic()
    assert secured["actions"] == ["stopped all axes"]


@pytest.mark.usefixtures("sentinel")
def test_a_stop_does_not_wait_for_somebody_whose_device_hangs(devices: Devices, tmp_path: Path):
    devices.may_go_on.clear()
    with asking(tmp_path, CAMPAIGN, {"do": "secure", "cause": "first"}, patience=20.0) as answers:
        ask(tmp_path, CAMPAIGN, {"do": "halt"}, patience=10.0)
        assert devices.done == ["halted"]
        devices.may_go_on.set()
        assert next(answers)["actions"] == ["stopped all axes"]


@pytest.mark.usefixtures("sentinel")
def test_live_values_come_again_and_again_and_a_slow_reader_gets_the_latest(devices: Devices, place: Workplace):
    assert live_values(place, CAMPAIGN) is not None
    line = LiveLine(place, CAMPAIGN)
    first = newest(line)["positions"]["x"]
    before = devices.n_looks
    while devices.n_looks < before + 4:
        time.sleep(0.01)
    assert newest(line)["positions"]["x"] >= before, "what came in between is forgotten"
    assert first < newest(line)["positions"]["x"]
    line.close()


def test_a_reader_finds_the_next_sentinel_of_the_campaign(devices: Devices, place: Workplace, tmp_path: Path):
    address = address_of(tmp_path, CAMPAIGN)
    line = LiveLine(place, CAMPAIGN)
    assert line.newest() is None
    first = SentinelSocket(devices, devices.secure, address)  # type: ignore[arg-type]
    first.start()
    newest(line)
    first.close()
    assert not address.exists()
    line._hang_up()
    second = SentinelSocket(devices, devices.secure, address)  # type: ignore[arg-type]
    second.start()
    newest(line)
    line.close()
    second.close()
    assert line.newest() is None


def test_a_socket_that_a_killed_sentinel_left_is_replaced_and_a_later_one_is_left_alone(devices: Devices, tmp_path: Path):
    address = address_of(tmp_path, CAMPAIGN)
    first = SentinelSocket(devices, devices.secure, address)  # type: ignore[arg-type]
    second = SentinelSocket(devices, devices.secure, address)  # type: ignore[arg-type]
    second.start()
    first.close()
    assert ask(tmp_path, CAMPAIGN, {"do": "halt"}, patience=10.0)
    second.close()


@pytest.mark.usefixtures("sentinel")
def test_nobody_else_may_enter_its_folder(tmp_path: Path):
    assert stat.S_IMODE(address_of(tmp_path, CAMPAIGN).parent.stat().st_mode) == 0o700


def test_a_path_that_is_too_long_for_a_socket_is_made_elsewhere(tmp_path: Path):
    deep = tmp_path / ("d" * 90)
    assert len(os.fsencode(address_of(deep, CAMPAIGN))) <= 100
    assert address_of(deep, CAMPAIGN) != address_of(tmp_path / ("e" * 90), CAMPAIGN)


@pytest.mark.usefixtures("sentinel")
@pytest.mark.parametrize("question", [b"", b"\n", b"not json\n", b"[1]\n", b'{"do": "dance"}\n', b'{"do": "secure"}\n', b"x" * 10_000])
def test_nonsense_is_answered_and_harms_nobody(question: bytes, devices: Devices, tmp_path: Path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.connect(os.fspath(address_of(tmp_path, CAMPAIGN)))
        with contextlib.suppress(OSError):
            line.sendall(question)
            line.shutdown(socket.SHUT_WR)
            assert b"error" in line.recv(4096)
    ask(tmp_path, CAMPAIGN, {"do": "halt"}, patience=10.0)
    assert devices.done == ["halted"]


def test_where_no_sentinel_is_there_are_no_values_and_a_stop_says_so(place: Workplace, tmp_path: Path):
    assert live_values(place, CAMPAIGN) is None
    with pytest.raises(InstrumentError, match=f"no sentinel answers for {CAMPAIGN}"):
        ask(tmp_path, CAMPAIGN, {"do": "halt"}, patience=1.0)


@pytest.mark.usefixtures("sentinel")
def test_what_a_device_raises_is_told(devices: Devices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(_cause: str) -> tuple[str, ...]:
        raise RuntimeError("the crate is off")

    monkeypatch.setattr(devices, "halt", lambda: fail(""))
    with pytest.raises(InstrumentError, match="the crate is off"):
        ask(tmp_path, CAMPAIGN, {"do": "halt"}, patience=10.0)
