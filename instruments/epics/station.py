"""Everything an EPICS instrument is connected to: one channel per PV, one device per thing Bluesky moves or reads."""

from collections.abc import Mapping

from instruments.epics.channel import Channel, connect_all, use_address
from instruments.epics.devices import AttemptStamp, Detector, Motor, Shutter, SignalChannels
from instruments.epics.interlocks import InterlockMonitor
from instruments.epics.safety import AxisChannels, SafeState
from instruments.epics.settings import EpicsSettings, HeartbeatPvs
from orchestrator.domain.base import Point, Setting
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.instrument import MeasureRequest

_ATTEMPT_FIELDS = ("fence", "seed", "trial", "attempt", "attempt_id", "message")
_TEXT_FIELDS = frozenset({"attempt_id", "message"})


class Station:
    """Connects on construction. Raises InstrumentError naming what does not answer."""

    def __init__(self, settings: EpicsSettings) -> None:
        use_address(settings.ca_address, settings.ca_port, settings.ca_repeater_port)
        self._settings = settings
        self.channels: dict[str, Channel] = {}
        """By PV suffix."""
        self._attempt = self._attempt_channels()
        self.safe_state = self._safe_state()
        self._signals = {name: self._signal(name) for name in settings.signals}
        self.interlocks = tuple(self._interlock(name) for name in settings.interlocks)
        self._detector = self._make_detector()
        self._shutter = None if settings.shutter is None else Shutter(self._channel(settings.shutter.pv))
        self._heartbeat_channels()
        self.stamp = AttemptStamp({field: channel for field, channel in self._attempt.items() if field != "message"})
        connect_all(self.channels.values(), settings.connect_timeout)
        self.motors = {name: self._motor(name) for name in settings.axes}
        self._wait_for_motors()
        self.safe_state.watch()

    def require_reachable(self, point: Point) -> None:
        """Raise InstrumentError, before anything moves, if a motor cannot go where the point says."""
        for name, value in point.items():
            if name in self.motors:
                self.motors[name].check_value(float(value))

    def detector_for(self, request: MeasureRequest) -> Detector:
        """Return the detector, set to expose and read what the request says.

        Raises:
            InstrumentError: If a signal does not exist.
        """
        unknown = [name for name in request.signals if name not in self._signals]
        if unknown:
            raise InstrumentError(f"no signal is called {', '.join(unknown)}; the instrument has {', '.join(self._signals)}")
        self._detector.exposure_s = request.exposure_s
        self._detector.wanted = request.signals
        return self._detector

    def plan_shutter(self) -> tuple[Shutter | None, tuple[int | str, int | str]]:
        """Return the shutter if the plan has to open it, and its (open, closed) states."""
        shutter = self._settings.shutter
        if shutter is None or shutter.opened_by == "detector":
            return None, (1, 0)
        return self._shutter, (shutter.opened, shutter.closed)

    def positions(self) -> Mapping[str, Setting]:
        return {axis.name: float(axis.readback.get()) for axis in self.safe_state.axes}

    def check_interlocks(self) -> None:
        for interlock in self.interlocks:
            interlock.check()

    def disarm_heartbeat(self, heartbeat: HeartbeatPvs) -> None:
        """Say that silence is fine from now on; an IOC that is gone needs no telling."""
        if self.channels[heartbeat.arm].is_connected:
            self.channels[heartbeat.arm].put(0.0)

    def close(self) -> None:
        for motor in self.motors.values():
            motor.destroy()
        for channel in self.channels.values():
            channel.close()

    def _channel(self, suffix: str, *, is_text: bool = False) -> Channel:
        if suffix not in self.channels:
            name = self._settings.prefix + suffix
            self.channels[suffix] = Channel(name, timeout=self._settings.read_timeout, is_text=is_text)
        return self.channels[suffix]

    def _optional(self, suffix: str | None) -> Channel | None:
        return None if suffix is None else self._channel(suffix)

    def _attempt_channels(self) -> dict[str, Channel]:
        suffixes = {field: getattr(self._settings.attempt, field) for field in _ATTEMPT_FIELDS}
        return {field: self._channel(suffix, is_text=field in _TEXT_FIELDS) for field, suffix in suffixes.items() if suffix is not None}

    def _safe_state(self) -> SafeState:
        settings = self._settings
        axes = (
            AxisChannels(
                name=name,
                stop=self._channel(f"{axis.pv}.STOP"),
                is_done=self._channel(f"{axis.pv}.DMOV"),
                readback=self._channel(f"{axis.pv}.RBV"),
            )
            for name, axis in settings.axes.items()
        )
        return SafeState(
            axes=tuple(axes),
            shutter=None if settings.shutter is None else self._channel(settings.shutter.pv),
            shutter_closed=0 if settings.shutter is None else settings.shutter.closed,
            acquire=self._optional(settings.detector.acquire),
        )

    def _signal(self, name: str) -> SignalChannels:
        signal = self._settings.signals[name]
        return SignalChannels(signal, self._channel(signal.pv), self._optional(signal.sd))

    def _interlock(self, name: str) -> InterlockMonitor:
        interlock = self._settings.interlocks[name]
        value, trips = self._channel(interlock.pv), self._optional(interlock.trips)
        return InterlockMonitor(name, interlock, value, trips)

    def _make_detector(self) -> Detector:
        pvs = self._settings.detector
        detector = Detector(
            self._signals,
            exposure=self._optional(pvs.exposure),
            acquire=self._optional(pvs.acquire),
            number=self._optional(pvs.number),
            slack=self._settings.slack,
        )
        detector.why_refused = self._why_refused
        return detector

    def _heartbeat_channels(self) -> None:
        if self._settings.heartbeat is not None:
            self._channel(self._settings.heartbeat.beat)
            self._channel(self._settings.heartbeat.arm)

    def _motor(self, name: str) -> Motor:
        axis = self._settings.axes[name]
        motor = Motor(self._settings.prefix + axis.pv, name=name)
        motor.slack, motor.own_limits, motor.why_refused = self._settings.slack, axis.limits, self._why_refused
        return motor

    def _wait_for_motors(self) -> None:
        seconds = self._settings.connect_timeout
        for motor in self.motors.values():
            try:
                motor.wait_for_connection(timeout=seconds)
            except TimeoutError as error:
                raise InstrumentError(f"{motor.prefix} is no complete motor record: {error} ({seconds:g} s)") from None

    def _why_refused(self) -> str:
        if "message" not in self._attempt:
            return ""
        try:
            return str(self._attempt["message"].get())
        except InstrumentError:
            return ""
