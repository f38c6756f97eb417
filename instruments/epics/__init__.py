"""Instruments behind EPICS Channel Access: motor records, a detector, a shutter, interlocks."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, ClassVar

from instruments.epics.settings import EpicsSettings
from instruments.simulated.fence import Fence
from orchestrator.domain.base import Setting, Value
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.instrument import AxisDescription, InstrumentDescription, InterlockDescription, MeasureRequest, SignalDescription
from orchestrator.domain.protocols import BreachListener
from orchestrator.domain.space import Continuous

if TYPE_CHECKING:
    from instruments.epics.live import LiveValues
    from instruments.epics.station import Station

__all__ = ["EpicsInstrument", "EpicsSettings"]


class EpicsInstrument:
    """Devices of an IOC. A second one, in another process, can watch and stop what the first one drives."""

    Settings: ClassVar[type[Value]] = EpicsSettings
    needs_connection: ClassVar[bool] = True

    def __init__(self, settings: EpicsSettings) -> None:
        self._settings = settings
        self._station: Station | None = None
        self._fence = Fence()
        self._n_beats = 0
        self._live: LiveValues | None = None

    @classmethod
    def companion(cls, settings: EpicsSettings) -> AbstractContextManager[EpicsSettings] | None:
        """Return a context in which the soft IOC runs, giving the settings to reach it; None where none is wanted."""
        if not settings.soft_ioc:
            return None
        from instruments.epics.companion import running_soft_ioc

        return running_soft_ioc(settings)

    def describe(self) -> InstrumentDescription:
        settings, station = self._settings, self._connected()
        return InstrumentDescription(
            identity="" if settings.soft_ioc else f"epics:{settings.prefix}",
            axes={name: _describe_axis(name, station, settings) for name in settings.axes},
            signals={
                name: SignalDescription(
                    kind=signal.kind,
                    unit=signal.unit,
                    field=name,
                    sd_field=f"{name}_sd" if signal.sd else None,
                    saturation=signal.saturation,
                )
                for name, signal in settings.signals.items()
            },
            interlocks={
                name: InterlockDescription(lower=interlock.lower, unit=interlock.unit, meaning=interlock.meaning)
                for name, interlock in settings.interlocks.items()
            },
            has_second_connection=True,
        )

    def connect(self) -> None:
        if self._station is None:
            from instruments.epics.channel import use_address

            # Before anything imports ophyd, which starts the CA library with whatever address it finds.
            use_address(self._settings.ca_address, self._settings.ca_port, self._settings.ca_repeater_port)
            from instruments.epics.station import Station

            self._station = Station(self._settings)

    def plan(self, request: MeasureRequest) -> Generator[Any, Any, Any]:
        from instruments.simulated.failures import in_its_own_words

        self._fence.present("runner", request.token)
        return (yield from in_its_own_words(self._measure(request, self._connected())))

    def _measure(self, request: MeasureRequest, station: "Station") -> Generator[Any, Any, Any]:
        from bluesky import plan_stubs as bps

        from instruments.plans import measure_point

        station.require_reachable(request.point)
        detector = station.detector_for(request)
        stamp: Any = station.stamp
        yield from bps.abs_set(stamp, request, wait=True)
        shutter, states = station.plan_shutter()
        return (yield from measure_point(station.motors, [detector], request, shutter=shutter, shutter_states=states))

    def positions(self) -> Mapping[str, Setting]:
        station = self._connected()
        station.check_interlocks()
        return station.positions()

    def watch(self, listener: BreachListener) -> None:
        for interlock in self._connected().interlocks:
            interlock.watch(listener)

    def secure(self, cause: str) -> Sequence[str]:
        return self._connected().safe_state.secure()

    def halt(self) -> None:
        """Send every command that stops or closes, and wait for none."""
        self._connected().safe_state.halt()

    def live(self) -> Mapping[str, Any]:
        """Return the latest positions, signals and interlocks, as monitors told them."""
        station = self._connected()
        if self._live is None:
            from instruments.epics.live import LiveValues

            self._live = LiveValues(self._settings, station.channels)
        return self._live.now()

    def heartbeat(self) -> None:
        """Keep the IOC's dead man's switch from making everything safe; arms it. Call once a second."""
        station, heartbeat = self._connected(), self._settings.heartbeat
        if heartbeat is None:
            return
        self._n_beats += 1
        station.channels[heartbeat.arm].send(heartbeat.timeout)
        station.channels[heartbeat.beat].send(self._n_beats)

    def close(self) -> None:
        if self._station is None:
            return
        if self._n_beats and self._settings.heartbeat is not None:
            self._station.disarm_heartbeat(self._settings.heartbeat)
        self._station.close()
        self._station = self._live = None

    def _connected(self) -> "Station":
        self.connect()
        assert self._station is not None
        return self._station


def _describe_axis(name: str, station: "Station", settings: EpicsSettings) -> AxisDescription:
    axis, motor = settings.axes[name], station.motors[name]
    limits = motor.reach()
    if limits is None:
        raise InstrumentError(f"{motor.prefix} has limits 0, 0, which means none; set .LLM and .HLM, or give axes.{name}.limits")
    velocity = motor.speed()
    parameter = Continuous(limits=limits, unit=axis.unit or motor.unit(), tolerance=axis.tolerance)
    return AxisDescription(parameter=parameter, field=name, speed=velocity if velocity > 0 else None)
