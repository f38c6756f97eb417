"""What an instrument shows this moment, as its sentinel tells other processes of this machine."""

import json
import math
import os
import socket
import time
from collections.abc import Mapping
from typing import Any

from orchestrator.bootstrap.sentinel_line import ask
from orchestrator.bootstrap.workplace import Workplace
from orchestrator.domain.errors import InstrumentError
from orchestrator.execution.sentinel_address import address_of

LiveDocument = Mapping[str, Any]
"""``at`` and what ``Instrument.live`` returns."""

_PATIENCE_SECONDS = 0.5
_RECONNECT_SECONDS = 1.0
_MOST_BYTES = 1 << 20


def live_values(workplace: Workplace, campaign: str) -> LiveDocument | None:
    """Return the values now; None where no sentinel of the campaign answers on this machine, or its instrument shows none."""
    try:
        return ask(workplace.folder, campaign, {"do": "live"}, patience=_PATIENCE_SECONDS)
    except InstrumentError:
        return None


class LiveLine:
    """A lasting connection to a campaign's sentinel: however many people watch, the sentinel is asked once.

    Not for several threads at once.
    """

    def __init__(self, workplace: Workplace, campaign: str) -> None:
        self._address = os.fspath(address_of(workplace.folder, campaign))
        self._line: socket.socket | None = None
        self._unread = b""
        self._next_try = 0.0

    def newest(self) -> LiveDocument | None:
        """Return the latest values since the last call, or None; never waits. Connects again when the sentinel is another one."""
        if self._line is None:
            self._connect()
        whole = self._read()
        return None if not whole else _document(whole)

    def close(self) -> None:
        """Hang up for good, even if another thread asks this moment."""
        self._next_try = math.inf
        self._hang_up()

    def _hang_up(self) -> None:
        line, self._line, self._unread = self._line, None, b""
        if line is not None:
            line.close()

    def _connect(self) -> None:
        if time.monotonic() < self._next_try:
            return
        self._next_try = time.monotonic() + _RECONNECT_SECONDS
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            line.settimeout(_PATIENCE_SECONDS)
            line.connect(self._address)
            line.sendall(b'{"do": "live"}\n')
            line.setblocking(False)
        except OSError:
            line.close()
        else:
            self._line = line

    def _read(self) -> bytes:
        """Return the newest whole line that has arrived; older ones are forgotten."""
        if self._line is None:
            return b""
        while (received := self._receive(self._line)) is not None:
            if not received or len(self._unread) > _MOST_BYTES:
                self._hang_up()
                return b""
            self._unread += received
        *whole, self._unread = self._unread.split(b"\n")
        return whole[-1] if whole else b""

    @staticmethod
    def _receive(line: socket.socket) -> bytes | None:
        """Return what has arrived; None for nothing yet, empty once the sentinel is gone."""
        try:
            return line.recv(65536)
        except BlockingIOError:
            return None
        except OSError:
            return b""


def _document(line: bytes) -> LiveDocument | None:
    try:
        document = json.loads(line)
    except ValueError:
        return None
    return document if isinstance(document, dict) and "at" in document else None
