"""What of a beamline can be reached past its queueserver: the PVs that the site file names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from instruments.beamline.model import SiteFile
from orchestrator.domain.base import Setting
from orchestrator.domain.errors import InstrumentError

_ANSWER_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class FarAxis:
    """A motor record, or an axis without one."""

    name: str
    stop_channel: Any = None

    def stop(self) -> None:
        if self.stop_channel is None:
            raise InstrumentError(f"axes.{self.name} has no pv; the queueserver stops it where its plan moved it")
        self.stop_channel.put(1)


class FarSignal:
    """A watched PV, subscribed to as a device's signal is."""

    def __init__(self, name: str, channel: Any) -> None:
        self.name = name
        self._channel = channel

    def subscribe(self, hear: Callable[..., None], run: bool = True) -> int:
        self._channel.monitor(lambda value, _at: hear(value=value), tell_now=run)
        return 0

    def unsubscribe(self, token: int) -> None:
        """The channel is closed with the others."""


class FarDevices:
    """The PVs, connected; they are set and stopped for the safe state, and never to measure."""

    def __init__(self, site: SiteFile) -> None:
        self._site = site
        self._channels: dict[str, Any] = {}

    def connect(self) -> None:
        """Raises InstrumentError if a PV does not answer; names it."""
        names = list(self._pvs())
        if not names or self._channels:
            return
        from instruments.epics.channel import Channel, connect_all

        self._channels = {name: Channel(name, timeout=_ANSWER_SECONDS) for name in names}
        connect_all(self._channels.values(), self._site.connect_timeout)

    def _pvs(self) -> list[str]:
        axes = [f"{axis.pv}.{field}" for axis in self._site.axes.values() if axis.pv for field in ("STOP", "RBV")]
        watched = [interlock.pv for interlock in self._site.interlocks.values() if interlock.pv]
        shutter = self._site.shutter
        return [*axes, *watched, *([shutter.pv] if shutter is not None and shutter.pv else [])]

    def axes(self) -> Mapping[str, FarAxis]:
        return {name: FarAxis(name, self._channels.get(f"{axis.pv}.STOP")) for name, axis in self._site.axes.items()}

    def names(self) -> Mapping[str, Any]:
        """Return what can be set, by its name in the profile."""
        shutter = self._site.shutter
        return {} if shutter is None or shutter.pv is None else {shutter.device.split(".")[0]: self._channels[shutter.pv]}

    def signal(self, name: str, pv: str) -> FarSignal:
        return FarSignal(name, self._channels[pv])

    def positions(self) -> Mapping[str, Setting]:
        """Return where those axes are that have a PV."""
        return {name: float(self._channels[f"{axis.pv}.RBV"].get()) for name, axis in self._site.axes.items() if axis.pv}

    def set(self, device: Any, value: Any, seconds: float) -> None:
        device.put(value, timeout=seconds)

    def stop(self, device: FarAxis) -> None:
        device.stop()

    def close(self) -> None:
        for channel in self._channels.values():
            channel.close()
        self._channels = {}
