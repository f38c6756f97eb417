"""Real servers in process groups of their own: started, looked at from outside, and killed piece by piece."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import httpx
import psutil

from instruments.simulated.companion import free_port

SECONDS = 60.0
_LOOK_EVERY_SECONDS = 0.1
"""Looking reads a whole ledger, or every process of the machine: more often takes a good part of a core from what is waited for."""
_BEGIN = "from orchestrator.cli import main; main()"


@dataclass
class Server:
    """A running ``nightshift serve``."""

    process: subprocess.Popen[bytes]
    port: int
    said: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def child(self, role: str) -> psutil.Process:
        """Return its living child of that role, waiting until there is one."""
        return wait_for(lambda: self.child_or_none(role), f"a child that is the {role}")

    def child_or_none(self, role: str) -> psutil.Process | None:
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.Error):
                if role in child.cmdline() and child.status() != psutil.STATUS_ZOMBIE:
                    return child
        return None

    def kill(self, role: str) -> int:
        """Kill a child with signal 9; return its pid."""
        child = self.child(role)
        child.kill()
        return child.pid

    def lines(self) -> str:
        return self.said.read_text()


Found = TypeVar("Found")


def wait_for(look: Callable[[], Found | None], what: str, seconds: float = SECONDS) -> Found:
    """Look until something is there."""
    deadline = time.monotonic() + seconds
    while (found := look()) is None:
        assert time.monotonic() < deadline, f"there was no {what} within {seconds:g} s"
        time.sleep(_LOOK_EVERY_SECONDS)
    return found


@contextmanager
def serving(ledger: str, said: Path, *options: str) -> Iterator[Server]:
    """Serve a ledger on a free port; at the end nothing of the group is left."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EPICS_")}
    command = [sys.executable, "-c", _BEGIN, "serve", "--ledger", ledger, "--port", str(port), *options]
    with said.open("ab") as file:
        process = subprocess.Popen(command, stderr=file, stdin=subprocess.DEVNULL, start_new_session=True, env=environment)
    try:
        server = Server(process, port, said)
        wait_for(lambda: "serving" in server.lines() or process.poll() is not None or None, "line that says it serves")
        yield server
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@dataclass
class Viewer:
    """A page: follows a campaign's stream and, when that breaks, reconnects where it was."""

    url: str
    key: str
    campaign: str
    seen: list[int] = field(default_factory=list)
    """Sequence numbers, in the order they came."""
    connected_at: list[float] = field(default_factory=list)
    _has_left: threading.Event = field(default_factory=threading.Event)

    def follow(self) -> None:
        while not self._has_left.is_set():
            with suppress(httpx.TransportError):
                self._watch()
            self._has_left.wait(0.05)  # a browser waits longer

    def leave(self) -> None:
        self._has_left.set()

    def _watch(self) -> None:
        headers = {"Authorization": f"Bearer {self.key}", "Last-Event-ID": str(self.seen[-1] if self.seen else 0)}
        path = f"{self.url}/api/v1/campaigns/{self.campaign}/stream"
        with httpx.stream("GET", path, headers=headers, timeout=httpx.Timeout(10.0)) as answer:
            answer.raise_for_status()
            self.connected_at.append(time.monotonic())
            for line in answer.iter_lines():
                if line.startswith("id: "):
                    self.seen.append(int(line.removeprefix("id: ")))
                if self._has_left.is_set():
                    return


@contextmanager
def viewing(server: Server, key: str, campaign: str) -> Iterator[Viewer]:
    viewer = Viewer(server.url, key, campaign)
    thread = threading.Thread(target=viewer.follow, daemon=True)
    thread.start()
    try:
        yield viewer
    finally:
        viewer.leave()
        thread.join(SECONDS)
