import numpy as np
from ophyd import EpicsSignalRO, Signal
from ophyd.sim import SynSignal
from ophyd_async.core import StandardReadable, soft_signal_rw
from ophyd_async.core import StandardReadableFormat as Format

rng = np.random.default_rng(99)

diode = SynSignal(func=lambda: 1000.0 - 10.0 * (stage_x.position - 2.0) ** 2, name="diode", labels={"detectors"})
i0 = SynSignal(func=lambda: 100.0 + rng.normal(scale=0.1), name="i0", labels={"detectors"})
shutter = Signal(name="shutter", value="closed")
front_end = EpicsSignalRO(PREFIX + "SHUTTER", name="front_end")
ring_current = EpicsSignalRO(PREFIX + "BEAM:CURRENT", name="ring_current")


class Thermometer(StandardReadable):
    """A new kind of device beside the old ones."""

    def __init__(self, name=""):
        with self.add_children_as_readables(Format.HINTED_SIGNAL):
            self.celsius = soft_signal_rw(float, 21.5, units="degC")
        super().__init__(name=name)


thermometer = Thermometer(name="thermometer")
sd.baseline = [furnace]
