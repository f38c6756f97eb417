"""A second connection to a site's motor records and queueserver, which stops them while the profile's own process hangs."""

import contextlib
from collections.abc import Generator, Mapping, Sequence
from typing import Any, ClassVar

from instruments.beamline.model import SiteFile
from orchestrator.domain.base import Setting, Value
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.instrument import InstrumentDescription, MeasureRequest
from orchestrator.domain.protocols import BreachListener


class Outside:
    """Knows the PVs of the site file and nothing of the profile. It stops and closes; it measures nothing."""

    Settings: ClassVar[type[Value]] = SiteFile

    def __init__(self, site: SiteFile) -> None:
        self._site = site
        self._channels: dict[str, Any] = {}
        self._safe_state: Any = None
        self._server: Any = None

    def connect(self) -> None:
        if self._safe_state is not None:
            return
        from instruments.epics.channel import Channel, connect_all
        from instruments.epics.safety import AxisChannels, SafeState

        self._connect_queueserver()
        site = self._site
        kept = set(site.safe_state.keep)
        pvs = {name: axis.pv for name, axis in site.axes.items() if axis.pv is not None and name not in kept}
        names = [f"{pv}.{field}" for pv in pvs.values() for field in ("STOP", "DMOV", "RBV")]
        shutter = None if site.shutter is None else site.shutter.pv
        self._channels = {name: Channel(name, timeout=2.0) for name in (*names, *([shutter] if shutter else []))}
        connect_all(self._channels.values(), site.connect_timeout)
        stops = (
            AxisChannels(name, self._channels[f"{pv}.STOP"], self._channels[f"{pv}.DMOV"], self._channels[f"{pv}.RBV"])
            for name, pv in pvs.items()
        )
        closed = "closed" if site.shutter is None else site.shutter.closed
        written = int(closed) if isinstance(closed, float) else closed
        self._safe_state = SafeState(tuple(stops), self._channels[shutter] if shutter else None, written, None)
        self._safe_state.watch()

    def _connect_queueserver(self) -> None:
        if not self._site.is_submitted or self._site.queueserver is None:
            return
        from instruments.beamline.queued.server import Server

        self._server = Server(self._site.queueserver)

    def secure(self, cause: str) -> Sequence[str]:
        self.connect()
        ended = "" if self._server is None else self._server.stop(cause)
        done = self._safe_state.secure() if self._channels else ()
        return (*([ended] if ended else []), *done)

    def halt(self) -> None:
        """Send every command that stops or closes, and wait for none."""
        self.connect()
        self._safe_state.halt()
        if self._server is not None:
            self._halt_queueserver()

    def _halt_queueserver(self) -> None:
        with contextlib.suppress(InstrumentError):  # secure follows, and says what could not be done
            self._server.halt()

    def close(self) -> None:
        for channel in self._channels.values():
            channel.close()
        self._channels, self._safe_state = {}, None

    def describe(self) -> InstrumentDescription:
        raise InstrumentError("the second connection describes nothing; ask the instrument process")

    def plan(self, request: MeasureRequest) -> Generator[Any, Any, Any]:
        raise InstrumentError("the second connection measures nothing; ask the instrument process")

    def positions(self) -> Mapping[str, Setting]:
        return {}

    def watch(self, listener: BreachListener) -> None:
        """Interlocks are watched in the instrument process."""
