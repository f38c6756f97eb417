"""The API in a process of its own, as ``nightshift serve`` starts it, for benchmarks to measure from outside."""

import os
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import psutil

from orchestrator.api.options import ServeOptions
from orchestrator.api.security.keys import new_key
from orchestrator.bootstrap import Workplace
from orchestrator.domain.access import Role
from orchestrator.serving.setups import ApiSetup
from orchestrator.serving.starting import api_starter

_START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Api:
    """A running API."""

    url: str
    process: psutil.Process

    def memory_mb(self) -> float:
        return self.process.memory_info().rss / 1e6

    def cpu_seconds(self) -> float:
        times = self.process.cpu_times()
        return times.user + times.system


@contextmanager
def api_of(ledger_url: str) -> Iterator[Api]:
    """Serve a ledger on a free port while the block runs."""
    os.environ["NIGHTSHIFT_LOG"] = "text"  # as on a terminal: a line for each request would be measured, too
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        child = api_starter(ApiSetup(ledger_url, listening.fileno(), ServeOptions()))()
        try:
            _wait_for(url)
            yield Api(url, psutil.Process(child.process.pid))
        finally:
            child.kill()


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/readyz", timeout=_START_SECONDS).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError(f"{url} did not answer within {_START_SECONDS:g} s")


def observer_key(workplace: Workplace) -> str:
    """Return a key that may look."""
    key, text = new_key(f"bench-{secrets.token_hex(3)}", Role.OBSERVER, created_by="human:bench", now=datetime.now(UTC))
    workplace.access.add_key(key)
    return text
