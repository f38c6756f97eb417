"""What devices that live in this process answer ``set`` and ``trigger`` with."""

import threading
from collections.abc import Callable


class SoftStatus:
    """Bluesky's ``Status`` protocol. Ends once, and what ended it first counts.

    Ours rather than ophyd's, because importing ophyd takes a second and a device without channels needs nothing else of it.
    Callbacks are called on the thread that ends it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._error: BaseException | None = None
        self._callbacks: list[Callable[[SoftStatus], None]] = []

    @property
    def done(self) -> bool:
        return self._ended.is_set()

    @property
    def success(self) -> bool:
        return self.done and self._error is None

    def exception(self, timeout: float | None = 0.0) -> BaseException | None:
        """Return why it failed; None if it did not. Raises TimeoutError if it has not ended within so many seconds."""
        if not self._ended.wait(timeout):
            raise TimeoutError(f"not done within {timeout:g} s" if timeout else "not done yet")
        return self._error

    def add_callback(self, callback: "Callable[[SoftStatus], None]") -> None:
        with self._lock:
            if not self.done:
                self._callbacks.append(callback)
                return
        callback(self)

    def set_finished(self) -> None:
        self._end(None)

    def set_exception(self, error: BaseException) -> None:
        self._end(error)

    def _end(self, error: BaseException | None) -> None:
        with self._lock:
            if self.done:
                return
            self._error = error
            self._ended.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback(self)


def finished() -> SoftStatus:
    """Return the status of what ended at once."""
    status = SoftStatus()
    status.set_finished()
    return status
