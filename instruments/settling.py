"""What comes between a condition that holds again and going on: the site's own wait, said aloud."""

import threading
from datetime import UTC, datetime, timedelta

from orchestrator.domain.protocols import BreachListener
from orchestrator.domain.records import Breach


class Settling:
    """Tells a listener of a loss, of the wait once the condition holds again, and of its end.

    After a lost beam the optics cool and have to warm up again, which the beam's own signal does not tell. A loss so short that
    nothing cooled spoils the reading and is waited for no longer.
    """

    def __init__(self, interlock: str, wait: float, tell: BreachListener, *, short_loss: float = 0.0) -> None:
        """Args: wait: Seconds after the return. tell: Called from any thread. short_loss: Seconds of a loss that needs no wait."""
        self._interlock = interlock
        self._wait = wait
        self._short_loss = short_loss
        self._tell = tell
        self._lock = threading.RLock()
        self._breach: Breach | None = None
        self._timer: threading.Timer | None = None
        self._until: datetime | None = None
        """The end of the latest wait that began; a short dip during it does not cut it short."""

    def lost(self, breach: Breach) -> None:
        """The condition broke, perhaps again while the return of an earlier beam was waited out."""
        with self._lock:
            self.cancel()
            self._breach = breach
            self._tell(breach, self._interlock)

    def worse(self, value: float | str | None) -> None:
        """It is still broken, and reads worse than before: the record keeps the worst."""
        with self._lock:
            if self._breach is not None:
                self._breach = self._breach.model_copy(update={"value": value})
                self._tell(self._breach, self._interlock)

    def held(self) -> None:
        """It holds again."""
        with self._lock:
            now = datetime.now(UTC)
            until = self._until if self._is_short(now) else now + timedelta(seconds=self._wait)
            if self._breach is None or until is None or until <= now:
                self._over()
                return
            self._until = until
            self._tell(self._breach.model_copy(update={"until": until}), self._interlock)
            self._timer = threading.Timer((until - now).total_seconds(), self._over)
            self._timer.daemon = True
            self._timer.start()

    def _is_short(self, now: datetime) -> bool:
        return self._breach is None or (now - self._breach.at).total_seconds() <= self._short_loss

    def cancel(self) -> None:
        """Forget a wait that has begun."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _over(self) -> None:
        with self._lock:
            self._breach = self._timer = self._until = None
            self._tell(None, self._interlock)
