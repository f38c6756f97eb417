"""A campaign followed for everybody who watches it: its ledger events, each exactly once and in order, and its status."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator
from typing import Protocol

from orchestrator.api.streams.batches import Batch
from orchestrator.api.streams.feeds import Feed, Told
from orchestrator.api.streams.framing import frame
from orchestrator.api.streams.ring import Ring
from orchestrator.wire.campaigns import CampaignStatus

POLL_SECONDS = 0.2
PAGE = 100
"""Events read at once."""
_MOST_PAGES = 30
_STATUS_SECONDS = 0.2
_QUIET_STATUS_SECONDS = 1.0
"""Without ledger events a status changes when the runner dies or a command arrives."""


class Source(Protocol):
    """Where a feed has it from; called in threads."""

    def batch(self, after: int, limit: int) -> Batch | None: ...

    def status(self) -> CampaignStatus: ...


class CampaignFeed(Feed):
    """Viewers near the head are served from a ring in memory, those behind from pages of the ledger that they share."""

    def __init__(self, source: Source, head: int) -> None:
        """Follow a campaign from the page that its last event, ``head``, is on."""
        super().__init__(POLL_SECONDS)
        self._source = source
        self._ring = Ring(head // PAGE * PAGE)
        self._pages: OrderedDict[int, asyncio.Task[Batch | None]] = OrderedDict()
        self._told = Told(_without_clocks)
        self._status_at = float("-inf")

    @property
    def seq(self) -> int:
        return self._ring.head

    async def poll(self) -> bool:
        batch = await asyncio.to_thread(self._source.batch, self._ring.head, PAGE)
        if batch is not None:
            self._ring.add(batch)
            self.board.ring_bell()
        has_more = batch is not None and len(batch.ends) == PAGE
        if not has_more and time.monotonic() - self._status_at >= (_QUIET_STATUS_SECONDS if batch is None else _STATUS_SECONDS):
            await self._look_at_status()
        return has_more

    async def chunks(self, after: int) -> AsyncGenerator[bytes]:
        """Yield everything after an event, for one viewer: events first, then how the campaign stands."""
        seen = 0
        while not self.has_ended:
            batch = await self._next(after)
            if batch is not None:
                yield batch.after(after)
                after = batch.last
                continue
            seen, content = self.board.after(seen)
            if content:
                yield content
            else:
                await self.board.wait()

    async def _next(self, after: int) -> Batch | None:
        if self._ring.holds(after):
            return self._ring.after(after)
        return await self._page(after // PAGE)

    async def _page(self, number: int) -> Batch | None:
        """Return a page of the ledger, read once for all who ask for it meanwhile."""
        task = self._pages.get(number)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = asyncio.create_task(asyncio.to_thread(self._source.batch, number * PAGE, PAGE))
            self._pages[number] = task
        self._pages.move_to_end(number)
        while len(self._pages) > _MOST_PAGES:
            self._pages.popitem(last=False)
        return await asyncio.shield(task)

    async def _look_at_status(self) -> None:
        status = await asyncio.to_thread(self._source.status)
        self._status_at = time.monotonic()
        if self._told.is_news(status):
            self.board.post("status", frame("status", status))


def _without_clocks(status: CampaignStatus) -> object:
    return status.model_copy(update={"now": None, "spent": (), "estimated_end": None})
