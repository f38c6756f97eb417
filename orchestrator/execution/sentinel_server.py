"""The sentinel: its own connection to the instrument, so that it can make it safe while everything else hangs."""

import contextlib
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import structlog

from orchestrator.domain.errors import NightshiftError
from orchestrator.domain.protocols import Instrument
from orchestrator.execution.sentinel_socket import SentinelSocket
from orchestrator.processes import receive

_HEARTBEAT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class SecureNow:
    """Answered by a tuple of phrases."""

    cause: str


@dataclass(frozen=True, slots=True)
class Leave:
    """The engine ends in good order: end without touching the instrument. Not answered."""


def serve(instrument: Instrument, connection: Connection, address: Path | None = None) -> None:
    """Watch until the engine is gone; if it went without a word, put the safe state in force.

    Args:
        instrument: The sentinel's own; not connected yet.
        connection: To the engine.
        address: Where others are heard, too; None for nowhere.
    """
    instrument.connect()
    secure = _one_at_a_time(instrument)
    stop_beating = _start_beating(heartbeat_of(instrument))  # armed before the engine may move anything
    heard = _start_socket(instrument, secure, address)
    connection.send(None)
    try:
        _obey(connection, secure)
    finally:
        stop_beating()
        if heard is not None:
            heard.close()
    instrument.close()
    os._exit(0)


def _obey(connection: Connection, secure: Callable[[str], tuple[str, ...]]) -> None:
    while True:
        match receive(connection):
            case SecureNow(cause):
                connection.send(secure(cause))
            case Leave():
                return
            case None:
                secure("the engine is gone")
                return
            case message:
                raise TypeError(f"unexpected message {type(message).__name__}")


def _one_at_a_time(instrument: Instrument) -> Callable[[str], tuple[str, ...]]:
    lock = threading.Lock()

    def secure(cause: str) -> tuple[str, ...]:
        with lock:
            return tuple(instrument.secure(cause))

    return secure


def _start_beating(beat: Callable[[], None]) -> Callable[[], None]:
    """Beat from a thread of its own, because securing may take long and must not look like silence; return what ends it."""
    beat()
    ended = threading.Event()

    def keep_beating() -> None:
        while not ended.wait(_HEARTBEAT_SECONDS):
            with contextlib.suppress(NightshiftError):  # a device that is gone for a moment may come back
                beat()

    thread = threading.Thread(target=keep_beating, name="heartbeat", daemon=True)
    thread.start()

    def stop() -> None:
        ended.set()
        thread.join(_HEARTBEAT_SECONDS)  # a beat after the switch was disarmed would arm it again

    return stop


def _start_socket(instrument: Instrument, secure: Callable[[str], tuple[str, ...]], address: Path | None) -> SentinelSocket | None:
    """Let others be heard; where that is not possible, the engine still is."""
    if address is None:
        return None
    try:
        heard = SentinelSocket(instrument, secure, address)
    except (OSError, NightshiftError) as error:
        structlog.get_logger(__name__).warning("no live values: the sentinel's socket cannot be made", error=str(error))
        return None
    heard.start()
    return heard


def heartbeat_of(instrument: Any) -> Callable[[], None]:
    """Return the instrument's heartbeat for a dead man's switch in the hardware, or one that does nothing."""
    return getattr(instrument, "heartbeat", lambda: None)
