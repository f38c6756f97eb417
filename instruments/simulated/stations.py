"""The IOC's other PVs: detector, shutter, beam, attempt, fence, heartbeat and counters."""
# caproto gives a PV's putter the PV's own name, and its types do not know that a putter belongs to a subclass.
# pyright: reportArgumentType=false, reportGeneralTypeIssues=false, reportAttributeAccessIssue=false, reportRedeclaration=false

import asyncio
import time
from typing import Any

from caproto import ChannelType
from caproto.server import PVGroup, pvproperty

from instruments.simulated.beam import FULL_CURRENT
from instruments.simulated.controller import Controller
from instruments.simulated.detectors import IMAGE_SHAPE, Attempt, Reading
from instruments.simulated.fenced_pvs import FencedEnum, FencedInteger, writer
from instruments.simulated.signals import SD_SUFFIXES, SIGNALS
from orchestrator.domain.errors import InstrumentError

_N_PIXELS = IMAGE_SHAPE[0] * IMAGE_SHAPE[1]


class _Station(PVGroup):
    """PVs that follow the world."""

    def __init__(self, prefix: str, controller: Controller) -> None:
        super().__init__(prefix=prefix)
        self._controller = controller
        controller.on_change(self.publish)

    async def publish(self) -> None:
        """Write what changed."""


async def _update(pv: Any, value: Any) -> None:
    if pv.value != value:
        await pv.write(value, verify_value=False)


class Detector(_Station):
    """Ion chambers and camera. A write of 1 to ACQUIRE opens the shutter, counts, closes it, and completes when NUM has grown."""

    exposure = pvproperty(name="DET:EXPOSURE", value=0.1, precision=4, units="s")
    acquire = pvproperty(name="DET:ACQUIRE", dtype=FencedInteger, value=0, doc="1 counts, 0 aborts")
    busy = pvproperty(name="DET:BUSY", value=0, read_only=True)
    number = pvproperty(name="DET:NUM", value=0, read_only=True, doc="Readings so far")
    i0 = pvproperty(name=SIGNALS["i0"].suffix, value=0.0, read_only=True, units="counts")
    i1 = pvproperty(name=SIGNALS["i1"].suffix, value=0.0, read_only=True, units="counts")
    flux = pvproperty(name=SIGNALS["flux"].suffix, value=0.0, read_only=True, units="ph/s")
    flux_sd = pvproperty(name=SD_SUFFIXES["flux_sd"], value=0.0, read_only=True, units="ph/s")
    spot_x = pvproperty(name=SIGNALS["spot_x"].suffix, value=0.0, precision=4, read_only=True, units="mm")
    spot_y = pvproperty(name=SIGNALS["spot_y"].suffix, value=0.0, precision=4, read_only=True, units="mm")
    spot_size = pvproperty(name=SIGNALS["spot_size"].suffix, value=0.0, precision=4, read_only=True, units="mm")
    image = pvproperty(name=SIGNALS["image"].suffix, value=[0.0] * _N_PIXELS, max_length=_N_PIXELS, read_only=True, units="counts")

    @acquire.putter
    async def acquire(self, instance: Any, value: int) -> int:
        if not value:
            await self._controller.close_shutter()
            return 0
        await self._controller.require_permission("trigger the detector")
        await self.busy.write(1)
        try:
            await self._show(await self._controller.expose(float(self.exposure.value)))
        except InstrumentError as error:
            await self._controller.refuse("trigger the detector", error)
        finally:
            await self.busy.write(int(self._controller.world.exposure is not None))
        return 0

    async def _show(self, reading: Reading) -> None:
        for field in ("i0", "i1", "flux", "flux_sd", "spot_x", "spot_y", "spot_size"):
            await getattr(self, field).write(getattr(reading, field))
        await self.image.write(reading.image.ravel().tolist())
        await self.number.write(self.number.value + 1)


class Beam(_Station):
    """What the storage ring tells, and the shutter."""

    shutter = pvproperty(
        name="SHUTTER",
        dtype=FencedEnum,
        value="closed",
        enum_strings=["closed", "open"],
        doc="Opened by exposures; closing is never refused",
    )
    current = pvproperty(name="BEAM:CURRENT", value=FULL_CURRENT, read_only=True, units="mA")
    trips = pvproperty(name="BEAM:TRIPS", value=0, read_only=True, doc="Dumps since the IOC started; never falls")

    @shutter.putter
    async def shutter(self, instance: Any, value: str) -> str:
        if value == "open":
            await self._controller.require_permission("open the shutter")
            self._controller.world.open_shutter(self._controller.clock.now())
        else:
            await self._controller.close_shutter()
        return value

    async def publish(self) -> None:
        world, now = self._controller.world, self._controller.clock.now()
        await _update(self.trips, world.beam.trips(now))
        await _update(self.current, world.beam.current(now))
        await _update(self.shutter, "open" if world.shutter_is_open else "closed")


class Experiment(_Station):
    """Which attempt is being measured, by whom, and what the devices were asked to do so far."""

    seed = pvproperty(name="SEED", value="0", dtype=ChannelType.STRING, doc="A whole number as text: CA has none of 64 bits")
    trial = pvproperty(name="TRIAL", value=0)
    attempt = pvproperty(name="ATTEMPT", value=0)
    attempt_id = pvproperty(
        name="ATTEMPT_ID",
        value="",
        dtype=ChannelType.CHAR,
        max_length=256,
        report_as_string=False,
        doc="Written last: it begins the attempt",
    )
    fence = pvproperty(name="FENCE", dtype=FencedInteger, value=0, doc="Present a token here before moving; holds the highest")
    message = pvproperty(name="MESSAGE", value="", dtype=ChannelType.CHAR, max_length=256, report_as_string=False, read_only=True)
    moves = pvproperty(name="COUNT:MOVES", value=0, read_only=True)
    triggers = pvproperty(name="COUNT:TRIGGERS", value=0, read_only=True)
    shutter_seconds = pvproperty(name="COUNT:SHUTTER_S", value=0.0, precision=4, read_only=True, units="s")

    @attempt_id.putter
    async def attempt_id(self, instance: Any, value: str) -> None:
        attempt = Attempt(seed=int(self.seed.value), trial=int(self.trial.value), number=int(self.attempt.value), id=value)
        self._controller.world.begin(attempt)

    @fence.putter
    async def fence(self, instance: Any, value: int) -> int:
        try:
            self._controller.fence.present(writer(), int(value))
        except InstrumentError as error:
            await self._controller.refuse("present a token", error)
        self._controller.record("fence", token=int(value))
        return value

    async def publish(self) -> None:
        controller = self._controller
        await _update(self.message, controller.message[:255])
        await _update(self.fence, controller.fence.highest)
        await _update(self.moves, controller.world.counters.moves)
        await _update(self.triggers, controller.world.counters.triggers)
        await _update(self.shutter_seconds, controller.world.counters.shutter_open_s)


class Heartbeat(_Station):
    """A dead man's switch: whoever arms it must keep writing, or the IOC makes everything safe."""

    beat = pvproperty(name="HEARTBEAT", value=0, doc="Any write says: I am alive")
    arm = pvproperty(name="HEARTBEAT:ARM", value=0.0, units="s", doc="Seconds of silence that are allowed; 0 disarms")
    trips = pvproperty(name="HEARTBEAT:TRIPS", value=0, read_only=True, doc="How often silence made everything safe")

    _deadline: asyncio.TimerHandle | None = None

    @beat.putter
    async def beat(self, instance: Any, value: int) -> None:
        self._postpone(float(self.arm.value))

    @arm.putter
    async def arm(self, instance: Any, value: float) -> None:
        self._postpone(float(value))

    def _postpone(self, seconds: float) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if seconds > 0:
            self._deadline = asyncio.get_running_loop().call_later(seconds, self._fall_silent, time.monotonic())

    def _fall_silent(self, last_beat: float) -> None:
        self._controller.spawn(self._trip(time.monotonic() - last_beat))

    async def _trip(self, silence: float) -> None:
        await self._controller.make_safe(f"no heartbeat for {silence:.2f} s")
        await self.arm.write(0.0, verify_value=False)
        await self.trips.write(self.trips.value + 1)
