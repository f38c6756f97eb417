"""Starts and stops the soft IOC for those who have no beamline at hand."""

import json
import select
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

from pydantic import TypeAdapter

from instruments.simulated.faults import Fault
from orchestrator.domain.base import BUILT_WHEN_USED
from orchestrator.domain.errors import InstrumentError

HOST = "127.0.0.1"
_START_SECONDS = 30.0
_STOP_SECONDS = 3.0
_FAULT: TypeAdapter[Fault] = TypeAdapter(Fault, config=BUILT_WHEN_USED)


class SoftIoc:
    """A context in which the simulated beamline answers on Channel Access.

    The IOC runs in a process and session of its own, so that no signal meant for its starter reaches it, and ends when
    its starter does, however that comes about.
    """

    def __init__(
        self,
        *,
        prefix: str = "NS:",
        time_scale: float = 1.0,
        faults: Sequence[Fault] = (),
        log: Path | None = None,
        port: int | None = None,
    ) -> None:
        """Args: log: The IOC's log; default a temporary file. port: Default any free one."""
        self._prefix = prefix
        self._time_scale = time_scale
        self._faults = tuple(faults)
        self._stack = ExitStack()
        self._log = log
        self.port = port or free_port()
        self.repeater_port = free_port()
        self.process: subprocess.Popen[str] | None = None

    @property
    def log(self) -> Path:
        """Where the IOC writes what the devices did; known once it has been started."""
        if self._log is None:
            raise InstrumentError("the soft IOC was not started, so it has no log; use it in a with statement")
        return self._log

    @property
    def settings(self) -> Mapping[str, Any]:
        """Settings with which the ``epics`` instrument reaches this IOC."""
        return {
            "layout": "simulated-beamline",
            "prefix": self._prefix,
            "ca_address": HOST,
            "ca_port": self.port,
            "ca_repeater_port": self.repeater_port,
        }

    def __enter__(self) -> Self:
        if self._log is None:
            folder = self._stack.enter_context(TemporaryDirectory(prefix="nightshift-ioc-"))
            self._log = Path(folder) / "beamline.jsonl"
        try:
            self.process = subprocess.Popen(
                self._command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
            )
            self._wait_until_ready(self.process)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """End the IOC; do nothing if it has ended."""
        if self.process is not None:
            process, self.process = self.process, None
            _end(process)
        self._stack.close()

    def _command(self) -> list[str]:
        faults = [part for fault in self._faults for part in ("--fault", _FAULT.dump_json(fault).decode())]
        ports = ["--port", str(self.port), "--repeater-port", str(self.repeater_port)]
        options = ["--prefix", self._prefix, "--log", str(self._log), "--time-scale", str(self._time_scale), "--until-stdin-closes"]
        return [sys.executable, "-m", "instruments.simulated.ioc", *ports, *options, *faults]

    def _wait_until_ready(self, process: subprocess.Popen[str]) -> None:
        """Wait for the line that says the sockets are bound, then make sure the right process answers there."""
        assert process.stdout is not None
        readable, _, _ = select.select([process.stdout], [], [], _START_SECONDS)
        line = process.stdout.readline() if readable else ""
        if not line:
            raise InstrumentError(f"the soft IOC was not ready within {_START_SECONDS:g} s; {_last_words(process)}")
        answer = json.loads(line)
        if answer["port"] != self.port:
            raise InstrumentError(f"port {self.port} on {HOST} is taken; choose another or leave port out")
        socket.create_connection((HOST, self.port), timeout=_START_SECONDS).close()


def free_port() -> int:
    """Return a port that is free for TCP and UDP on the loopback interface."""
    for _ in range(100):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            tcp.bind((HOST, 0))
            port = tcp.getsockname()[1]
            try:
                udp.bind((HOST, port))
            except OSError:
                continue
            return port
    raise InstrumentError(f"no port on {HOST} is free for both TCP and UDP; end some programs")


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.communicate(timeout=_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def _last_words(process: subprocess.Popen[str]) -> str:
    process.kill()
    _, errors = process.communicate()
    return f"it said: {errors.strip().splitlines()[-1]}" if errors.strip() else "it said nothing"
