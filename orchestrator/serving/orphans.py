"""Ending with the supervisor where the operating system does not see to it."""

import os
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from orchestrator.processes import receive


def hear_supervisor(connection: Connection, obey: Callable[[Any], None] = lambda _message: None) -> None:
    """Pass on what the supervisor says, from a thread; once it is gone, end this process at once.

    Whatever this process holds is released as by a kill: an engine's instrument goes safe when its pipe closes.
    """
    threading.Thread(target=_hear, args=(connection, obey), name="supervisor", daemon=True).start()


def _hear(connection: Connection, obey: Callable[[Any], None]) -> None:
    while (message := receive(connection)) is not None:
        obey(message)
    os._exit(1)
