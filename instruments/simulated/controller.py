"""What the IOC does beside answering: runs the world in asyncio time and keeps PVs, counters and logs in step with it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from instruments.journal import Journal
from instruments.simulated.clock import SimulationClock
from instruments.simulated.detectors import Reading
from instruments.simulated.fence import Fence
from instruments.simulated.fenced_pvs import writer
from instruments.simulated.world import Exposure, World
from orchestrator.domain.errors import InstrumentError

Publish = Callable[[], Awaitable[None]]


class Controller:
    """The one owner of the world inside the IOC."""

    def __init__(self, world: World, clock: SimulationClock, journal: Journal, fence: Fence) -> None:
        self.world = world
        self.clock = clock
        self.fence = fence
        self.message = ""
        """The latest refusal, for people and for clients whose library hides CA's own."""
        self._journal = journal
        self._publishers: list[Publish] = []
        self._stoppers: list[Publish] = []
        self._n_dumps_scheduled = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._aborted = asyncio.Event()

    def record(self, what: str, **fields: Any) -> None:
        """Write a line to the log; it is on the disk when this returns."""
        self._journal.write(what, **{"unix": time.time(), **fields})

    def on_change(self, publish: Publish) -> None:
        """Call this whenever something other than a position may have changed."""
        self._publishers.append(publish)

    def on_stop(self, stop: Publish) -> None:
        """Call this to stop an axis."""
        self._stoppers.append(stop)

    async def changed(self) -> None:
        """Bring the PVs into step with the world."""
        self._schedule_dumps()
        for publish in self._publishers:
            await publish()

    async def require_permission(self, what: str) -> None:
        """Refuse a fenced client; everything that moves or opens something asks first."""
        try:
            self.fence.require(writer())
        except InstrumentError as error:
            await self.refuse(what, error)

    async def refuse(self, what: str, error: InstrumentError) -> None:
        """Record a refusal and raise it, so that CA reports the write as failed."""
        self.message = str(error)
        self.record("refused", action=what, reason=self.message)
        await self.changed()
        raise error

    async def sleep(self, simulated_seconds: float) -> None:
        await asyncio.sleep(self.clock.real_seconds(simulated_seconds))

    async def expose(self, seconds: float) -> Reading:
        """Gate the shutter for an exposure and return what was counted.

        Raises:
            InstrumentError: If the detector is busy or the exposure is aborted.
        """
        self._aborted.clear()
        exposure = self.world.start_exposure(seconds, self.clock.now())
        await self.changed()
        await self._wait_unless_aborted(exposure)
        reading = self.world.finish_exposure(exposure)
        await self.changed()
        await self.sleep(exposure.answer_delay)
        return reading

    async def close_shutter(self) -> None:
        """Close the shutter and abandon a running exposure; never refused."""
        self.world.close_shutter(self.clock.now())
        self._aborted.set()
        await self.changed()

    async def make_safe(self, cause: str) -> None:
        """Stop every axis and close the shutter."""
        self.record("made-safe", cause=cause)
        for stop in self._stoppers:
            await stop()
        await self.close_shutter()

    def spawn(self, work: Awaitable[None]) -> asyncio.Task[None]:
        """Run something in the background and keep a reference, without which asyncio may drop it."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _wait_unless_aborted(self, exposure: Exposure) -> None:
        real = self.clock.real_seconds(exposure.seconds)
        try:
            await asyncio.wait_for(self._aborted.wait(), timeout=real)
        except TimeoutError:
            return

    def _schedule_dumps(self) -> None:
        new = self.world.beam.dumps[self._n_dumps_scheduled :]
        self._n_dumps_scheduled += len(new)
        for moment in (moment for dump in new for moment in dump):
            self.spawn(self._publish_at(moment))

    async def _publish_at(self, moment: float) -> None:
        """Publish once a moment has come; unlike ``sleep`` this never makes the clock jump."""
        while (left := moment - self.clock.now()) > 0:
            await asyncio.sleep(left * (self.clock.scale or 1.0))
        await self.changed()
