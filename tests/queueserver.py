"""A bluesky-queueserver with a Redis and a 0MQ proxy of its own, for tests: the real ones, on loopback."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from instruments.beamline.queued.server import ask
from instruments.simulated.companion import free_port

_START_SECONDS = 60.0
_PROXY = "import sys; from bluesky.callbacks.zmq import Proxy; Proxy(in_address=sys.argv[1], out_address=sys.argv[2]).start()"


def require_redis() -> None:
    """Skip where no Redis is installed."""
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server here: apt-get install redis-server")


@dataclass(slots=True)
class Queueserver:
    """The three processes; each can be ended and begun again."""

    folder: Path
    startup: Path
    redis_port: int = field(default_factory=free_port)
    control: str = field(default_factory=lambda: f"tcp://127.0.0.1:{free_port()}")
    info: str = field(default_factory=lambda: f"tcp://127.0.0.1:{free_port()}")
    documents_in: str = field(default_factory=lambda: f"tcp://127.0.0.1:{free_port()}")
    documents: str = field(default_factory=lambda: f"tcp://127.0.0.1:{free_port()}")
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self) -> None:
        self.start_redis()
        self.start_proxy()
        self.start_manager()
        self.wait_until(lambda: self.status()["manager_state"] == "idle")
        self.open()

    def start_redis(self) -> None:
        command = ["redis-server", "--port", str(self.redis_port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--appendonly", "yes"]
        self._start("redis", command)

    def start_proxy(self) -> None:
        self._start("proxy", [sys.executable, "-c", _PROXY, self.documents_in, self.documents])

    def start_manager(self) -> None:
        command = [sys.executable, "-c", "from bluesky_queueserver.manager.start_manager import start_manager; start_manager()"]
        command += ["--zmq-control-addr", self.control, "--zmq-info-addr", self.info, "--redis-addr", f"127.0.0.1:{self.redis_port}"]
        command += ["--startup-dir", str(self.startup), "--existing-plans-devices", str(self.folder / "existing.yaml")]
        command += ["--user-group-permissions", str(self.startup / "user_group_permissions.yaml")]
        self._start("manager", command, {"QS_DOCUMENTS": self.documents_in})

    def _start(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            surroundings = {**os.environ, **(environment or {})}
            self.processes[name] = subprocess.Popen(command, stdout=log, stderr=log, env=surroundings, start_new_session=True)

    def kill(self, name: str) -> None:
        """End a process and all that it started, as a power cut would."""
        process = self.processes.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def kill_manager_alone(self) -> None:
        """End the manager, and leave its watchdog, which starts another, and the worker with its plan."""
        mine = [child for child in psutil.Process(self.processes["manager"].pid).children() if self._is_manager(child)]
        assert len(mine) == 1, mine
        mine[0].kill()

    def _is_manager(self, process: psutil.Process) -> bool:
        port = int(self.control.rpartition(":")[2])
        return any(one.laddr.port == port and one.status == psutil.CONN_LISTEN for one in process.net_connections())

    def open(self) -> None:
        self.ask("environment_open")
        self.wait_until(lambda: self.status()["manager_state"] == "idle" and self.status()["worker_environment_exists"])

    def ask(self, method: str, **parameters: Any) -> Any:
        answer = ask(self.control, method, parameters)
        assert answer.get("success", True), answer
        return answer

    def status(self) -> Mapping[str, Any]:
        return self.ask("status")

    def history(self) -> list[Mapping[str, Any]]:
        return self.ask("history_get")["items"]

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            with contextlib.suppress(Exception):  # not up yet
                if is_so():
                    return
            assert time.monotonic() < deadline, (self.folder / "manager.log").read_text()[-3000:]
            time.sleep(0.1)

    def stop(self) -> None:
        for name in list(self.processes):
            self.kill(name)

    @property
    def settings(self) -> str:
        """What a site file says of it."""
        return f"{{control: '{self.control}', documents: '{self.documents}', patience: 20 s}}"


@contextmanager
def queueserver(folder: Path, startup: Path) -> Iterator[Queueserver]:
    """Run one, its environment open."""
    require_redis()
    running = Queueserver(folder, startup)
    try:
        running.start()
        yield running
    finally:
        running.stop()
