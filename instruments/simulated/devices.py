"""The beamline's devices as Bluesky sees them when everything runs in one process."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from ophyd.status import Status

from instruments.simulated.axes import AXES
from instruments.simulated.detectors import IMAGE_SHAPE, Reading
from instruments.simulated.live import LiveWorld
from instruments.simulated.motion import Motion
from instruments.simulated.world import Exposure
from orchestrator.domain.errors import InstrumentError


class SimulatedAxis:
    """A motor with limits, velocity and play. Movable, readable, stoppable."""

    parent = None

    def __init__(self, name: str, live: LiveWorld) -> None:
        self.name = name
        self._live = live
        self._setpoint = self.position
        self._status: Status | None = None

    @property
    def position(self) -> float:
        return self._live.do(lambda world, now: world.stages[self.name].readback(now))

    def set(self, value: float) -> Status:
        """Move; raises InstrumentError when the value lies outside the limits."""
        motion: Motion = self._live.do(lambda world, now: world.move(self.name, float(value), now))
        self._setpoint = float(value)
        status = self._status = Status(self, timeout=None)
        self._live.after(motion.duration, lambda: _finish(status))
        return status

    def stop(self, *, success: bool = False) -> bool:
        """Stop where it is; return whether it was moving."""
        was_moving = self._live.do(lambda world, now: world.stop(self.name, now))
        if self._status is not None and not self._status.done:
            _finish(self._status, None if success else InstrumentError(f"{self.name} was stopped at {self.position:g} {self._unit}"))
        return was_moving

    @property
    def _unit(self) -> str:
        return AXES[self.name].unit

    def read(self) -> dict[str, Any]:
        now = time.time()
        return {
            self.name: {"value": self.position, "timestamp": now},
            f"{self.name}_setpoint": {"value": self._setpoint, "timestamp": now},
        }

    def describe(self) -> dict[str, Any]:
        low, high = AXES[self.name].limits
        key = {"dtype": "number", "shape": [], "units": self._unit, "lower_ctrl_limit": low, "upper_ctrl_limit": high}
        return {self.name: {**key, "source": f"SIM:{self.name}"}, f"{self.name}_setpoint": {**key, "source": f"SIM:{self.name}.VAL"}}

    def read_configuration(self) -> dict[str, Any]:
        return {}

    def describe_configuration(self) -> dict[str, Any]:
        return {}

    @property
    def hints(self) -> Mapping[str, Any]:
        return {"fields": [self.name]}


class SimulatedDetector:
    """Ion chambers and camera behind one shutter. Readable, triggerable."""

    name = "detector"
    parent = None

    def __init__(self, live: LiveWorld) -> None:
        self._live = live
        self._reading: Reading | None = None
        self._read_at = 0.0
        self._status: Status | None = None
        self.exposure_s = 0.0
        self.is_dark = False
        """Whether to count with the shutter closed."""
        self.fields: Sequence[str] = ()
        """Which fields of a reading to report."""

    def trigger(self) -> Status:
        exposure: Exposure = self._live.do(lambda world, now: world.start_exposure(self.exposure_s, now, is_dark=self.is_dark))
        status = self._status = Status(self, timeout=None)
        self._live.after(exposure.seconds, lambda: self._finish(exposure, status))
        return status

    def abort(self) -> bool:
        """Close the shutter and give up the exposure; return whether the shutter was open."""
        was_open = self._live.do(lambda world, now: world.close_shutter(now))
        if self._status is not None and not self._status.done:
            _finish(self._status, InstrumentError("the exposure was aborted"))
        return was_open

    def _finish(self, exposure: Exposure, status: Status) -> None:
        try:
            reading = self._live.do(lambda world, _: world.finish_exposure(exposure))
        except InstrumentError as error:
            _finish(status, error)
            return
        self._reading, self._read_at = reading, time.time()
        self._live.after(exposure.answer_delay, lambda: _finish(status))

    def read(self) -> dict[str, Any]:
        return {field: {"value": getattr(self._reading, field), "timestamp": self._read_at} for field in self.fields}

    def describe(self) -> dict[str, Any]:
        return {field: _data_key(field) for field in self.fields}

    def read_configuration(self) -> dict[str, Any]:
        return {"exposure_s": {"value": self.exposure_s, "timestamp": time.time()}}

    def describe_configuration(self) -> dict[str, Any]:
        return {"exposure_s": {"source": "SIM:exposure", "dtype": "number", "shape": [], "units": "s"}}

    @property
    def hints(self) -> Mapping[str, Any]:
        return {"fields": [field for field in self.fields if field != "image"]}


def _data_key(field: str) -> dict[str, Any]:
    if field == "image":
        return {"source": "SIM:image", "dtype": "array", "shape": list(IMAGE_SHAPE), "dtype_numpy": "<f8"}
    return {"source": f"SIM:{field}", "dtype": "number", "shape": []}


def _finish(status: Status, error: Exception | None = None) -> None:
    """Finish a status unless a stop or an abort came first."""
    if status.done:
        return
    if error is None:
        status.set_finished()
    else:
        status.set_exception(error)
