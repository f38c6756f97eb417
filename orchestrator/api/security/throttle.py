"""How often somebody may try: a bucket of tokens per caller, and a growing pause after each wrong key."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from orchestrator.api.problems import TooManyRequests

_MOST_KNOWN = 10_000
"""Callers and addresses remembered; the longest unseen is forgotten first."""


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class RateLimit:
    """Lets each caller through ``per_second`` times a second on average, with bursts."""

    def __init__(self, per_second: float = 50.0, burst: float = 200.0, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = burst
        self._monotonic = monotonic
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, who: str) -> None:
        """Count one request. Raises TooManyRequests once the bucket is empty."""
        now = self._monotonic()
        with self._lock:
            bucket = self._buckets.setdefault(who, _Bucket(self._burst, now))
            bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.at) * self._per_second)
            bucket.at = now
            self._buckets.move_to_end(who)
            _forget_oldest(self._buckets)
            if bucket.tokens < 1.0:
                wait = (1.0 - bucket.tokens) / self._per_second
                raise TooManyRequests(f"{who} sends more than {self._per_second:g} requests a second; slow down", wait)
            bucket.tokens -= 1.0


@dataclass(slots=True)
class _Failures:
    count: int
    until: float


class LoginThrottle:
    """After the third wrong key from one address each further one doubles the pause, up to five minutes."""

    FREE = 3
    LONGEST_S = 300.0

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._failures: OrderedDict[str, _Failures] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, address: str) -> None:
        """Raise TooManyRequests while an address has to wait."""
        with self._lock:
            failures = self._failures.get(address)
            left = 0.0 if failures is None else failures.until - self._monotonic()
        if left > 0:
            raise TooManyRequests(f"too many wrong keys from {address}; wait {left:.0f} s", left)

    def failed(self, address: str) -> int:
        """Count a wrong key; return how many there were."""
        with self._lock:
            failures = self._failures.setdefault(address, _Failures(0, 0.0))
            failures.count += 1
            pause = min(self.LONGEST_S, 2.0 ** (failures.count - self.FREE)) if failures.count > self.FREE else 0.0
            failures.until = self._monotonic() + pause
            self._failures.move_to_end(address)
            _forget_oldest(self._failures)
            return failures.count

    def succeeded(self, address: str) -> None:
        """Forget an address's wrong keys."""
        with self._lock:
            self._failures.pop(address, None)


_Known = OrderedDict[str, _Bucket] | OrderedDict[str, _Failures] | OrderedDict[str, float]


class Sparing:
    """Lets each thing be said once a minute, so that who is refused again and again fills no ledger."""

    SECONDS = 60.0

    def __init__(self, monotonic: Callable[[], float] = time.monotonic, most_known: int = _MOST_KNOWN) -> None:
        self._monotonic = monotonic
        self._most_known = most_known
        self._said: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def is_news(self, what: str) -> bool:
        """Return whether it was not said within the last minute; then it counts as said."""
        now = self._monotonic()
        with self._lock:
            if now - self._said.get(what, -self.SECONDS) < self.SECONDS:
                return False
            self._said[what] = now
            self._said.move_to_end(what)
            _forget_oldest(self._said, self._most_known)
            return True


def _forget_oldest(known: _Known, most: int = _MOST_KNOWN) -> None:
    while len(known) > most:
        known.popitem(last=False)
