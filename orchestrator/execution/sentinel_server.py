"""The sentinel: its own connection to the instrument, so that it can make it safe while everything else hangs."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from orchestrator.domain.protocols import Instrument
from orchestrator.processes import receive

_HEARTBEAT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class SecureNow:
    """Answered by a tuple of phrases."""

    cause: str


@dataclass(frozen=True, slots=True)
class Leave:
    """The engine ends in good order: end without touching the instrument. Not answered."""


def serve(instrument: Instrument, connection: Connection) -> None:
    """Watch until the engine is gone; if it went without a word, put the safe state in force."""
    instrument.connect()
    beat = heartbeat_of(instrument)
    beat()  # armed before the engine may move anything
    connection.send(None)
    while True:
        if not connection.poll(_HEARTBEAT_SECONDS):
            beat()
            continue
        match receive(connection):
            case SecureNow(cause):
                connection.send(tuple(instrument.secure(cause)))
            case Leave():
                break
            case None:
                instrument.secure("the engine is gone")
                break
            case message:
                raise TypeError(f"unexpected message {type(message).__name__}")
    instrument.close()
    os._exit(0)


def heartbeat_of(instrument: Any) -> Callable[[], None]:
    """Return the instrument's heartbeat for a dead man's switch in the hardware, or one that does nothing."""
    return getattr(instrument, "heartbeat", lambda: None)
