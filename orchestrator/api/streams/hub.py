"""Feeds by name: started with the first viewer, ended with the last."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog

from orchestrator.api.streams.campaign_feed import CampaignFeed, Source
from orchestrator.api.streams.feeds import Feed, LatestFeed
from orchestrator.api.streams.framing import frame
from orchestrator.api.streams.seats import RECHECK_SECONDS, Seated, Seats
from orchestrator.api.streams.sockets import PATIENCE_SECONDS
from orchestrator.wire.streams import Reset

_log = structlog.get_logger(__name__)

AnyFeed = TypeVar("AnyFeed", bound=Feed)


@dataclass(slots=True)
class _Running:
    feed: Feed
    task: asyncio.Task[None]
    n_viewers: int = 0


@dataclass(slots=True)
class Hub:
    """All streams of one API process. Only for the event loop's own thread."""

    seats: Seats = field(default_factory=Seats)
    patience: float = PATIENCE_SECONDS
    """How long a client may leave its stream unread."""
    recheck_seconds: float = RECHECK_SECONDS
    """How often a viewer is asked again whether they may still look."""
    _running: dict[str, _Running] = field(default_factory=dict[str, _Running])

    @property
    def n_feeds(self) -> int:
        return len(self._running)

    def seated(self, chunks: AsyncIterator[bytes], caller: str, may_look: Callable[[], Awaitable[bool]]) -> AsyncIterator[bytes]:
        """Return a viewer's chunks with a seat taken for them.

        Raises:
            TooManyRequests: If the caller has too many already.
            TooManyViewers: If everybody together has.
        """
        return Seated(chunks, self.seats.take(caller), may_look, self.recheck_seconds)

    async def campaign(self, name: str, source: Source, *, after: int, head: int) -> AsyncGenerator[bytes]:
        """Yield a campaign's frames after an event.

        Args:
            name: Whoever says the same watches the same feed.
            source: Where the first viewer's feed has it from.
            after: The last event that the viewer knows.
            head: The campaign's last event now. Who knows later ones comes from another ledger, and begins anew.
        """
        if after > head:
            after = 0
            yield frame("reset", Reset(seq=0), 0)
        async with self._watching(name, lambda: CampaignFeed(source, head)) as feed, aclosing(feed.chunks(after)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def latest(self, name: str, make: Callable[[], LatestFeed[Any]]) -> AsyncGenerator[bytes]:
        """Yield the newest frames of a value that changes."""
        async with self._watching(name, make) as feed, aclosing(feed.chunks()) as chunks:
            async for chunk in chunks:
                yield chunk

    @asynccontextmanager
    async def _watching(self, name: str, make: Callable[[], AnyFeed]) -> AsyncIterator[AnyFeed]:
        running = self._running.get(name)
        if running is None or running.feed.has_ended:
            feed = make()
            running = self._running[name] = _Running(feed, asyncio.create_task(_run(name, feed)))
        running.n_viewers += 1
        try:
            yield running.feed  # pyright: ignore[reportReturnType]  (a name always stands for one kind of feed)
        finally:
            running.n_viewers -= 1
            if running.n_viewers == 0:
                running.task.cancel()
                if self._running.get(name) is running:
                    del self._running[name]


async def _run(name: str, feed: Feed) -> None:
    """Run a feed; a mistake of ours ends it and its viewers' streams, whose clients then reconnect to a new one."""
    try:
        await feed.run()
    except Exception as error:
        _log.error("a stream broke", stream=name, exc_info=error)
