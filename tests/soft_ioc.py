"""Soft IOCs for tests. The CA library reads its addresses once per process, so the ports are chosen before any IOC starts."""

import itertools
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

from instruments.epics import EpicsInstrument, EpicsSettings
from instruments.epics.channel import Channel
from instruments.simulated.companion import HOST, SoftIoc, free_port
from orchestrator.domain.instrument import MeasureRequest
from orchestrator.domain.records import TrialKind

_N_PORTS = 4
_tokens = itertools.count(1)


@cache
def _free_ports() -> list[int]:
    """Choose the ports that the CA library of this process searches from now on."""
    ports = [free_port() for _ in range(_N_PORTS)]
    os.environ["EPICS_CA_ADDR_LIST"] = " ".join(f"{HOST}:{port}" for port in ports)
    os.environ["EPICS_CA_AUTO_ADDR_LIST"] = "NO"
    return ports


@contextmanager
def searched_port() -> Iterator[int]:
    """Lend a port on which this process would find an IOC."""
    port = _free_ports().pop()
    try:
        yield port
    finally:
        _free_ports().append(port)


@contextmanager
def soft_ioc(prefix: str, **options: Any) -> Iterator[SoftIoc]:
    """Run an IOC; each needs a prefix of its own, because the ports of all are searched."""
    with searched_port() as port, SoftIoc(prefix=prefix, port=port, **options) as ioc:
        yield ioc


class Recorder:
    """Hears values or breaches from other threads, and lets a test wait for one without sleeping."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self._changed = threading.Condition()

    def __call__(self, value: Any, *_: Any) -> None:
        with self._changed:
            self.heard.append(value)
            self._changed.notify_all()

    def wait_for(self, is_it: Callable[[Any], bool], seconds: float = 10.0) -> Any:
        """Return the first value heard that is it."""
        with self._changed:
            assert self._changed.wait_for(lambda: any(map(is_it, self.heard)), timeout=seconds), f"not heard: only {self.heard}"
            return next(filter(is_it, self.heard))


def channel(ioc: SoftIoc, suffix: str, *, is_text: bool = False) -> Channel:
    connected = Channel(str(ioc.settings["prefix"]) + suffix, timeout=5.0, is_text=is_text)
    assert connected.wait_until_connected(5.0), f"{connected.name} does not answer"
    return connected


def write_from_elsewhere(ioc: SoftIoc, suffix: str, value: Any) -> None:
    """Write over a connection that is not this process's own. Raises ErrorResponseReceived if the IOC refuses.

    caproto searches from a UDP port that it may share: once in some 15,000 times with a server's, which then hears the answer.
    Such a search ends before anything is written; another one has another port.
    """
    from caproto import CaprotoTimeoutError
    from caproto.sync.client import write

    write_once = partial(write, str(ioc.settings["prefix"]) + suffix, value, notify=True, timeout=5.0, repeater=False)
    try:
        write_once()
    except CaprotoTimeoutError:
        write_once()


def epics_instrument(ioc: SoftIoc, **changes: Any) -> EpicsInstrument:
    return EpicsInstrument(EpicsSettings.model_validate({**ioc.settings, **changes}))


def make_request(point: Mapping[str, float], **changes: Any) -> MeasureRequest:
    """Return a request that reads the flux, with changes."""
    usual: dict[str, Any] = {
        "campaign": "night",
        "trial": 1,
        "attempt": 1,
        "kind": TrialKind.AGENT,
        "point": dict(point),
        "exposure_s": 0.1,
        "signals": ("flux",),
        "seed": 7,
        "token": next(_tokens),
    }
    return MeasureRequest.model_validate({**usual, **changes})
