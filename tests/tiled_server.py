"""A real Tiled server on this machine, which tests may kill and start again with what it had."""

import contextlib
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

_SERVE = """
import os, runpy, subprocess, sys, threading
from tiled.server import SimpleTiledServer

def run_in_a_fork(command, **_):
    child = os.fork()
    if child == 0:
        sys.argv = command[2:]
        try:
            runpy.run_module(command[2], run_name="__main__")
        except SystemExit as ended:
            os._exit(ended.code or 0)
        finally:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code == 0, command
    return subprocess.CompletedProcess(command, code, b"", b"")

subprocess.run = run_in_a_fork
server = SimpleTiledServer(sys.argv[1], api_key=sys.argv[2], port=int(sys.argv[3]))
threading.Event().wait()
"""
"""Tiled has a second Python make its catalogue, ``python -m tiled catalog init``, which takes as long to start as the server; a fork of
the server, which has no threads yet, has imported all that already."""
_PATIENCE_SECONDS = 100.0


class TiledServer:
    """One server: the same port and the same data whenever it is started."""

    key = "0123456789abcdef"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        command = [sys.executable, "-W", "ignore", "-c", _SERVE, str(self._folder), self.key, str(self._port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def wait(self) -> None:
        """Return once it answers."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline and self._process is not None and self._process.poll() is None:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.uri}/api/v1/", params={"api_key": self.key}).status_code == 200:
                    return
            time.sleep(0.1)
        raise TimeoutError(f"no Tiled server at {self.uri}: it ended, or did not answer within {_PATIENCE_SECONDS:g} s")

    def kill(self) -> None:
        """End it at once, as a crash does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
