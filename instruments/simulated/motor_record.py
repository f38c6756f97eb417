"""A motor record over Channel Access: the fields that ophyd, SPEC and people's screens use, moved by the world."""
# caproto gives a PV's putter the PV's own name, and its types do not know that a putter belongs to a subclass.
# pyright: reportArgumentType=false, reportGeneralTypeIssues=false, reportAttributeAccessIssue=false, reportRedeclaration=false

import asyncio
from typing import Any

from caproto import AlarmSeverity, AlarmStatus, ChannelType
from caproto.server import PVGroup, pvproperty

from instruments.simulated.controller import Controller
from instruments.simulated.fenced_pvs import FencedInteger, MotorSetpoint
from instruments.simulated.motion import Motion, Stage
from orchestrator.domain.errors import InstrumentError

_TICK = 0.02
"""Real seconds between two readbacks of a moving axis."""


class MotorRecord(PVGroup):
    """One axis. A refused move fails the write, raises the readback's alarm and pulses DMOV, so that no client waits for ever."""

    val = pvproperty(name="", dtype=MotorSetpoint, value=0.0, precision=5, doc="Setpoint; a write moves the axis")
    rbv = pvproperty(name=".RBV", alarm_group="rbv", value=0.0, precision=5, read_only=True, doc="Readback")
    dmov = pvproperty(name=".DMOV", value=1, read_only=True, doc="1 when no move is going on")
    movn = pvproperty(name=".MOVN", value=0, read_only=True, doc="1 while moving")
    stop = pvproperty(name=".STOP", value=0, doc="A write of 1 stops the axis; never refused")
    velo = pvproperty(name=".VELO", value=1.0, precision=5, doc="Velocity in units per real second; 0 arrives at once")
    accl = pvproperty(name=".ACCL", value=0.0)
    bdst = pvproperty(name=".BDST", value=0.0, precision=5, doc="Backlash distance; 0 does not correct for play")
    hlm = pvproperty(name=".HLM", value=0.0, precision=5)
    llm = pvproperty(name=".LLM", value=0.0, precision=5)
    hls = pvproperty(name=".HLS", value=0, read_only=True)
    lls = pvproperty(name=".LLS", value=0, read_only=True)
    lvio = pvproperty(name=".LVIO", value=0, read_only=True, doc="1 when the last setpoint was outside the limits")
    tdir = pvproperty(name=".TDIR", value=0, read_only=True)
    twv = pvproperty(name=".TWV", value=0.1, precision=5)
    twf = pvproperty(name=".TWF", dtype=FencedInteger, value=0)
    twr = pvproperty(name=".TWR", dtype=FencedInteger, value=0)
    egu = pvproperty(name=".EGU", value="", dtype=ChannelType.STRING, read_only=True)
    prec = pvproperty(name=".PREC", value=5, read_only=True)
    desc = pvproperty(name=".DESC", value="", dtype=ChannelType.STRING)
    rtyp = pvproperty(name=".RTYP", value="motor", dtype=ChannelType.STRING, read_only=True)
    off = pvproperty(name=".OFF", value=0.0)
    dir = pvproperty(name=".DIR", value=0)
    foff = pvproperty(name=".FOFF", value=0)
    set = pvproperty(name=".SET", value=0)
    homf = pvproperty(name=".HOMF", value=0, read_only=True)
    homr = pvproperty(name=".HOMR", value=0, read_only=True)

    def __init__(self, prefix: str, *, stage: Stage, controller: Controller) -> None:
        super().__init__(prefix=prefix)
        self._stage = stage
        self._controller = controller
        self._task: asyncio.Task[None] | None = None
        self.pvdb[f"{prefix}.VAL"] = self.pvdb[prefix]
        controller.on_stop(self.halt)

    async def start(self) -> None:
        """Fill the fields from the axis."""
        axis, low, high = self._stage.axis, *self._stage.limits
        scale = self._controller.clock.scale
        await self.val.write(axis.start, verify_value=False)
        for limited in (self.val, self.rbv):
            await limited.write_metadata(units=axis.unit, lower_ctrl_limit=low, upper_ctrl_limit=high)
        await self.rbv.write(axis.start)
        await self.velo.write(axis.velocity / scale if scale else 0.0, verify_value=False)
        await self.bdst.write(axis.backlash, verify_value=False)
        await self.hlm.write(high, verify_value=False)
        await self.llm.write(low, verify_value=False)
        await self.egu.write(axis.unit)
        await self.desc.write(self._stage.name)

    @val.putter
    async def val(self, instance: Any, value: float) -> None:
        try:
            await self._controller.require_permission(f"move {self._stage.name}")
            await self._require_reachable(value)
        except InstrumentError:
            await self._report_refusal()
            raise
        await self._move(value)

    @stop.putter
    async def stop(self, instance: Any, value: int) -> int:
        if value:
            await self.halt()
        return 0

    @twf.putter
    async def twf(self, instance: Any, value: int) -> int:
        await self.val.write(self.val.value + self.twv.value)
        return 0

    @twr.putter
    async def twr(self, instance: Any, value: int) -> int:
        await self.val.write(self.val.value - self.twv.value)
        return 0

    @velo.putter
    async def velo(self, instance: Any, value: float) -> None:
        if value <= 0:
            raise ValueError(f"{self._stage.name}.VELO = {value:g} {self._stage.axis.unit}/s must be above 0")
        self._stage.velocity = float(value) * (self._controller.clock.scale or 1.0)

    @bdst.putter
    async def bdst(self, instance: Any, value: float) -> None:
        self._stage.corrects_backlash = value != 0

    @hlm.putter
    async def hlm(self, instance: Any, value: float) -> None:
        await self._set_limits(self._stage.limits[0], float(value))

    @llm.putter
    async def llm(self, instance: Any, value: float) -> None:
        await self._set_limits(float(value), self._stage.limits[1])

    async def halt(self) -> None:
        """Stop where it is, make that the setpoint, and return once the record says so."""
        now = self._controller.clock.now()
        if self._controller.world.stop(self._stage.name, now):
            await self.val.write(self._stage.readback(now), verify_value=False)
        if self._task is not None:
            await asyncio.wait({self._task})

    async def _move(self, target: float) -> None:
        now = self._controller.clock.now()
        here = self._stage.readback(now)
        motion = self._controller.world.move(self._stage.name, target, now)
        if self._task is not None:
            self._task.cancel()
        await self.rbv.alarm.write(status=AlarmStatus.NO_ALARM, severity=AlarmSeverity.NO_ALARM)
        await self.lvio.write(0)
        await self.tdir.write(int(target > here))
        await self.dmov.write(0)
        await self.movn.write(1)
        await self._controller.changed()
        self._task = self._controller.spawn(self._follow(motion))

    async def _follow(self, motion: Motion) -> None:
        """Publish readbacks until the motion ends or is stopped."""
        clock = self._controller.clock
        if clock.scale == 0:
            await self._controller.sleep(motion.duration)
        while self._stage.is_moving(now := clock.now()):
            await self.rbv.write(self._stage.readback(now))
            await asyncio.sleep(min(_TICK, max((motion.end - now) * clock.scale, 0.001)))
        await self.rbv.write(self._stage.readback(clock.now()))
        await self.movn.write(0)
        await self.dmov.write(1)

    async def _require_reachable(self, target: float) -> None:
        try:
            self._stage.check(target)
        except InstrumentError as error:
            await self.lvio.write(1)
            await self._controller.refuse(f"move {self._stage.name}", error)

    async def _report_refusal(self) -> None:
        """Tell those who wait for the move to end."""
        await self.rbv.alarm.write(status=AlarmStatus.WRITE, severity=AlarmSeverity.MAJOR_ALARM)
        if self.dmov.value:
            await self.dmov.write(0)
            await self.dmov.write(1)

    async def _set_limits(self, low: float, high: float) -> None:
        self._stage.limits = (low, high)
        for limited in (self.val, self.rbv):
            await limited.write_metadata(lower_ctrl_limit=low, upper_ctrl_limit=high)
