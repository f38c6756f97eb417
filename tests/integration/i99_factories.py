"""A beamline in the new style: functions that each make one ophyd-async device, and a classic one beside them."""

from bluesky.protocols import Location
from ophyd.sim import SynSignal
from ophyd_async.core import AsyncStatus, StandardReadable, soft_signal_rw
from ophyd_async.core import StandardReadableFormat as Format


class Stage(StandardReadable):
    """Moves at once; knows its limits as a motor record does."""

    def __init__(self, name: str = "") -> None:
        with self.add_children_as_readables(Format.HINTED_SIGNAL):
            self.user_readback = soft_signal_rw(float, 0.5, units="mm")
        self.low_limit_travel = soft_signal_rw(float, -2.0)
        self.high_limit_travel = soft_signal_rw(float, 3.0)
        self.velocity = soft_signal_rw(float, 0.25)
        super().__init__(name=name)

    @AsyncStatus.wrap
    async def set(self, value: float) -> None:
        await self.user_readback.set(value)

    async def stop(self, success: bool = False) -> None:
        """Nothing moves for any length of time."""

    async def locate(self) -> Location[float]:
        value = await self.user_readback.get_value()
        return Location(setpoint=value, readback=value)


def theta(connect_immediately: bool = True) -> Stage:
    assert not connect_immediately, "Nightshift connects by itself"
    return Stage(name="theta")


def counter() -> SynSignal:
    return SynSignal(func=lambda: 42.0, name="counter")


def of_something(part: str) -> Stage:
    raise AssertionError("a function that needs an argument makes no device")
