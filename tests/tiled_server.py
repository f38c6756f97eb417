"""A real Tiled server on this machine, which tests may kill and start again with what it had."""

import contextlib
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

_SERVE = """
import sys, threading
from tiled.server import SimpleTiledServer
server = SimpleTiledServer(sys.argv[1], api_key=sys.argv[2], port=int(sys.argv[3]))
threading.Event().wait()
"""
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
