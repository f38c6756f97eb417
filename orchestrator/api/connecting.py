"""Connecting to an instrument on behalf of a request: one at a time, because each starts a process and may take long."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from orchestrator.domain.errors import Busy

_connecting = threading.Lock()


@contextmanager
def one_at_a_time(patience: float = 0.0) -> Iterator[None]:
    """Let one request of this server through.

    Args:
        patience: Seconds to wait for the one before.

    Raises:
        Busy: If that one is still being answered.
    """
    if not _connecting.acquire(timeout=patience):
        raise Busy("another request is connecting to an instrument this moment; try again in a few seconds")
    try:
        yield
    finally:
        _connecting.release()
