"""How many may watch at once, and for how long without proving again who they are."""

import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable

from orchestrator.api.problems import TooManyRequests, TooManyViewers

MOST = 500
MOST_PER_CALLER = 50
RECHECK_SECONDS = 60.0
_COME_BACK_SECONDS = 10.0


class Seats:
    """Counts viewers. Only for the event loop's own thread."""

    def __init__(self, most: int = MOST, most_per_caller: int = MOST_PER_CALLER) -> None:
        self._most = most
        self._most_per_caller = most_per_caller
        self._taken: Counter[str] = Counter()

    @property
    def n_taken(self) -> int:
        return self._taken.total()

    def take(self, caller: str) -> Callable[[], None]:
        """Take a seat, and return what gives it back; that may be called twice.

        Raises:
            TooManyRequests: If the caller has too many already.
            TooManyViewers: If everybody together has.
        """
        if self._taken[caller] >= self._most_per_caller:
            text = f"{self._taken[caller]} streams are open for this key already, the most it may have; close some pages"
            raise TooManyRequests(text, _COME_BACK_SECONDS)
        if self.n_taken >= self._most:
            raise TooManyViewers(f"{self._most} streams are open, the most this server serves at once; try again in a minute")
        self._taken[caller] += 1
        is_taken = True

        def give_back() -> None:
            nonlocal is_taken
            if is_taken:
                is_taken = False
                self._taken[caller] -= 1
                self._taken += Counter()  # forgets callers without a seat

        return give_back


class Seated:
    """A viewer's chunks. Its seat is given back however the stream ends, and it ends when the caller may no longer look."""

    def __init__(
        self,
        chunks: AsyncIterator[bytes],
        leave: Callable[[], None],
        may_look: Callable[[], Awaitable[bool]],
        recheck_seconds: float,
    ) -> None:
        self._chunks = chunks
        self._leave = leave
        self._may_look = may_look
        self._recheck_seconds = recheck_seconds
        self._checked_at = time.monotonic()

    def __aiter__(self) -> "Seated":
        return self

    async def __anext__(self) -> bytes:
        """Return the next chunk; hearts beat, so that the check comes round however quiet the stream is."""
        chunk = await anext(self._chunks)
        if time.monotonic() - self._checked_at >= self._recheck_seconds:
            if not await self._may_look():
                raise StopAsyncIteration
            self._checked_at = time.monotonic()
        return chunk

    async def aclose(self) -> None:
        self._leave()
        close = getattr(self._chunks, "aclose", None)
        if close is not None:
            await close()
