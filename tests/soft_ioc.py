"""Soft IOCs for tests. The CA library reads its addresses once per process, so the ports are chosen before any IOC starts."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from instruments.epics import EpicsInstrument, EpicsSettings
from instruments.simulated.companion import HOST, SoftIoc, free_port
from orchestrator.domain.instrument import MeasureRequest
from orchestrator.domain.records import TrialKind

_N_PORTS = 8
_ports: list[int] = []


def _next_port() -> int:
    if "NIGHTSHIFT_TEST_PORTS" not in os.environ:
        ports = [free_port() for _ in range(_N_PORTS)]
        os.environ["NIGHTSHIFT_TEST_PORTS"] = " ".join(str(port) for port in ports)
        os.environ["EPICS_CA_ADDR_LIST"] = " ".join(f"{HOST}:{port}" for port in ports)
        os.environ["EPICS_CA_AUTO_ADDR_LIST"] = "NO"
        _ports.extend(ports)
    return _ports.pop()


@contextmanager
def soft_ioc(prefix: str, **options: Any) -> Iterator[SoftIoc]:
    """Run an IOC; every test module uses a prefix of its own, because all its ports are searched."""
    with SoftIoc(prefix=prefix, port=_next_port(), **options) as ioc:
        yield ioc


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
        "token": 1,
    }
    return MeasureRequest.model_validate({**usual, **changes})
