"""What viewers follow: a feed is fed by one task while anybody watches."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime
from typing import Generic, TypeVar

import structlog
from pydantic import BaseModel

from orchestrator.api.streams.board import Board
from orchestrator.api.streams.framing import frame
from orchestrator.domain.errors import NightshiftError
from orchestrator.wire.streams import Heartbeat

_log = structlog.get_logger(__name__)

BEAT_SECONDS = 5.0
_AFTER_TROUBLE_SECONDS = 1.0
_REFRESH_SECONDS = 10.0

Shown = TypeVar("Shown", bound=BaseModel)


class Feed(ABC):
    """Polls something, and keeps what came of it for viewers."""

    def __init__(self, interval: float) -> None:
        """Poll every so many seconds."""
        self.board = Board()
        self.has_ended = False
        self._interval = interval
        self._next_beat = 0.0

    @abstractmethod
    async def poll(self) -> bool:
        """Look once; return whether there is more at once."""

    @property
    def seq(self) -> int:
        """Return the last ledger event that the feed knows; 0 where that means nothing."""
        return 0

    async def run(self) -> None:
        """Poll until cancelled. While the ledger cannot be read no heart beats, so that pages say their data are stale."""
        try:
            while True:
                await asyncio.sleep(await self._once())
        finally:
            self.has_ended = True
            self.board.ring_bell()

    async def _once(self) -> float:
        """Poll, and return the seconds until the next time."""
        try:
            has_more = await self.poll()
        except NightshiftError as error:
            _log.warning("a stream could not be fed", error=str(error))
            return _AFTER_TROUBLE_SECONDS
        if time.monotonic() >= self._next_beat:
            self._next_beat = time.monotonic() + BEAT_SECONDS
            self.board.post("beat", frame("beat", Heartbeat(now=datetime.now(UTC), seq=self.seq)))
        return 0.0 if has_more else self._interval


class LatestFeed(Feed, Generic[Shown]):
    """One value that changes, such as where an instrument stands: a viewer too slow for every change sees the newest."""

    def __init__(
        self, event: str, read: Callable[[], Shown | None], interval: float, *, news: Callable[[Shown], object] = lambda value: value
    ) -> None:
        """Prepare a feed.

        Args:
            event: The frames' name.
            read: Called in a thread; None for nothing to say.
            interval: Seconds between two reads.
            news: What must differ for a value to be sent at once; one that differs in clocks alone is sent now and then.
        """
        super().__init__(interval)
        self._event = event
        self._read = read
        self._told = Told(news)

    async def poll(self) -> bool:
        value = await asyncio.to_thread(self._read)
        if value is not None and self._told.is_news(value):
            self.board.post(self._event, frame(self._event, value))
        return False

    async def chunks(self) -> AsyncGenerator[bytes]:
        """Yield the newest frames, for one viewer."""
        seen = 0
        while not self.has_ended:
            seen, content = self.board.after(seen)
            if content:
                yield content
            else:
                await self.board.wait()


class Told(Generic[Shown]):
    """Remembers what viewers were told last."""

    def __init__(self, news: Callable[[Shown], object]) -> None:
        self._news = news
        self._last: object = None
        self._last_at = float("-inf")

    def is_news(self, value: Shown) -> bool:
        """Return whether a value says something new, or the last one is too old for its clocks."""
        content, now = self._news(value), time.monotonic()
        if content == self._last and now - self._last_at < _REFRESH_SECONDS:
            return False
        self._last, self._last_at = content, now
        return True
