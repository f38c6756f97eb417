"""A real ``nightshift serve`` in a process group of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

SECONDS = 60.0
_NIGHTSHIFT = "from orchestrator.cli import main; main()"
_LINK = re.compile(r"https?://\S+/login\?link=\S+")


@dataclass
class Server:
    """A running server, and what it said."""

    process: subprocess.Popen[str]
    ledger: str
    origin: str
    lines: list[str] = field(default_factory=list)
    _has_link: threading.Event = field(default_factory=threading.Event)

    def listen(self) -> None:
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with suppress(ValueError):  # closed while it was read: the server was stopped
            for line in self.process.stdout:
                self.lines.append(line)
                if _LINK.search(line):
                    self._has_link.set()
        self._has_link.set()

    def wait_for_link(self) -> None:
        """Wait until a link was printed that nobody has taken."""
        assert self._has_link.wait(SECONDS), f"no login link after {SECONDS:g} s:\n{''.join(self.lines)}"
        assert self.process.poll() is None, f"the server ended:\n{''.join(self.lines)}"

    def login_link(self) -> str:
        """Return a link that logs one browser in; another one for each call, asked for as the server's first lines say."""
        if not self._has_link.is_set():
            self.process.send_signal(signal.SIGUSR1)
        self.wait_for_link()
        self._has_link.clear()
        return _LINK.findall("".join(self.lines))[-1]

    def api(self) -> psutil.Process:
        """Return the process that answers requests: a child of the supervisor that listens."""
        children = psutil.Process(self.process.pid).children()
        [api] = [child for child in children if any(it.status == psutil.CONN_LISTEN for it in child.net_connections(kind="tcp"))]
        return api


@contextmanager
def serving(folder: Path, ledger: str) -> Iterator[Server]:
    """Serve a ledger on a port of its own until the block ends; nothing of it is left then."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EPICS_")}
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", _NIGHTSHIFT, "--ledger", ledger, "serve", "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env=environment,
        cwd=folder,
    )
    server = Server(process, ledger, f"http://127.0.0.1:{port}")
    server.listen()
    try:
        server.wait_for_link()
        yield server
    finally:
        _end(process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _end(process: subprocess.Popen[str]) -> None:
    """Ask first, so that instruments go safe; then leave nothing."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(15)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert process.stdout is not None
    process.stdout.close()
