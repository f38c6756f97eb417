"""Lets other processes of the same person see what the instrument shows, and make it safe, while its engine hangs.

Each connection asks one thing, as a line of JSON, and is answered in lines of JSON:

- ``{"do": "live"}``: the instrument's ``live`` values, up to ten times a second, until the connection closes. A reader that
  is slow gets the latest values when it looks again, never old ones in a row.
- ``{"do": "halt"}``: ``{"at": …}`` once everything that stops or closes was sent; it waits for no device and for nobody else.
- ``{"do": "secure", "cause": "…"}``: ``{"at": …, "actions": […]}`` once everything stands still.

Times are seconds of the machine's monotonic clock, which all its processes share.
"""

import contextlib
import json
import os
import select
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestrator.domain.protocols import Instrument
from orchestrator.execution.sentinel_address import prepare

LIVE_SECONDS = 0.1
_MOST_CLIENTS = 32
_MOST_BYTES = 4096
_QUESTION_SECONDS = 5.0
_SILENT_SECONDS = 30.0
"""How long a reader may not read at all before it is let go."""


class SentinelSocket:
    """Serves until the process ends; a thread per connection, so that no reader keeps another waiting."""

    def __init__(self, instrument: Instrument, secure: Callable[[str], tuple[str, ...]], address: Path) -> None:
        """Args: secure: Makes the instrument safe, one caller at a time."""
        self._instrument = instrument
        self._secure = secure
        self._address = address
        self._clients = threading.BoundedSemaphore(_MOST_CLIENTS)
        prepare(address)
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listening.bind(os.fspath(address))
        self._inode = address.stat().st_ino
        self._listening.listen(_MOST_CLIENTS)
        self._looking = threading.Lock()

    def start(self) -> None:
        threading.Thread(target=self._accept, name="sentinel socket", daemon=True).start()
        if hasattr(self._instrument, "live"):  # so that it has listened to its devices before anybody asks
            threading.Thread(target=_attempt, args=(self._look,), daemon=True).start()

    def close(self) -> None:
        """Hear nobody any more; a later sentinel's socket is left alone."""
        self._listening.close()
        with contextlib.suppress(OSError):
            if self._address.stat().st_ino == self._inode:
                self._address.unlink()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            if not _is_ours(client) or not self._clients.acquire(blocking=False):
                client.close()
                continue
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            with client, contextlib.suppress(OSError):
                self._answer(client, _read_question(client))
        finally:
            self._clients.release()

    def _answer(self, client: socket.socket, question: Mapping[str, Any]) -> None:
        match question:
            case {"do": "live"} if hasattr(self._instrument, "live"):
                self._stream(client)
            case {"do": "live"}:
                _send(client, {"error": "this instrument shows no live values"})
            case {"do": "halt"} if hasattr(self._instrument, "halt"):
                _send(client, _attempt(self._halt))
            case {"do": "secure", "cause": str(cause)}:
                _send(client, _attempt(lambda: {"actions": list(self._secure(cause))}))
            case _:
                _send(client, {"error": f"{question.get('do') or 'an empty question'!r} is nothing this instrument's sentinel can do"})

    def _halt(self) -> Mapping[str, Any]:
        self._instrument.halt()  # type: ignore[attr-defined]  # optional
        return {}

    def _stream(self, client: socket.socket) -> None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _MOST_BYTES)  # little of what is old can pile up
        read_at = time.monotonic()
        while time.monotonic() - read_at < _SILENT_SECONDS:
            began = time.monotonic()
            if _is_writable(client):
                _send(client, {"at": datetime.now(UTC).isoformat(), **self._look()})
                read_at = began
            time.sleep(max(0.0, LIVE_SECONDS - (time.monotonic() - began)))

    def _look(self) -> Mapping[str, Any]:
        with self._looking:
            return self._instrument.live()  # type: ignore[attr-defined]  # optional


def _attempt(work: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    try:
        return {**work(), "at": time.monotonic()}
    except Exception as error:  # a device is somebody else's code; whoever asked must hear what it raised
        return {"error": f"{type(error).__name__}: {error}"}


def _is_ours(client: socket.socket) -> bool:
    """Return whether the other side belongs to the same person; the folder keeps others out already."""
    if sys.platform != "linux":
        return True
    _pid, uid, _gid = struct.unpack("3i", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    return uid == os.getuid()


def _is_writable(client: socket.socket) -> bool:
    return bool(select.select([], [client], [], 0)[1])


def _read_question(client: socket.socket) -> Mapping[str, Any]:
    client.settimeout(_QUESTION_SECONDS)
    with client.makefile("rb") as file:
        line = file.readline(_MOST_BYTES)
    try:
        question = json.loads(line)
    except ValueError:
        return {}
    return question if isinstance(question, dict) else {}


def _send(client: socket.socket, answer: Mapping[str, Any]) -> None:
    client.sendall(json.dumps(answer, allow_nan=False).encode() + b"\n")
