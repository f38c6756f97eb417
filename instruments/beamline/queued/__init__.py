"""A site whose profile is in a bluesky-queueserver: plans go there, nothing of the profile is run here."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from instruments.beamline.foreseeing import foreseen
from instruments.beamline.model import Axis, SiteFile
from instruments.beamline.queued.calling import POINT_PLAN, called_plan, described_plan, point_plan
from instruments.beamline.queued.documents import Documents
from instruments.beamline.queued.engine import QueueEngine
from instruments.beamline.queued.far import FarDevices
from instruments.beamline.queued.server import QueuedPlan, Server
from instruments.beamline.queued.watching import NAME, QueueWatch, hindrance
from instruments.beamline.securing import secure, state_for
from instruments.beamline.suspending import Watched, from_site
from orchestrator.domain.base import Setting, Value
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.instrument import InstrumentDescription, MeasureRequest, PlanDescription, SignalDescription
from orchestrator.domain.protocols import BreachListener


class QueuedSite:
    """What the site file lends, through a queueserver. What its devices are like, the site file says: they cannot be asked."""

    Settings: ClassVar[type[Value]] = SiteFile

    def __init__(self, site: SiteFile) -> None:
        """Raises InstrumentError if the queueserver's client library is not installed."""
        assert site.queueserver is not None
        assert site.queueserver.documents is not None
        self._site = site
        self._server = Server(site.queueserver)
        self._far = FarDevices(site)
        self._documents = Documents(site.queueserver.documents)
        self._watch = QueueWatch(
            lambda: hindrance(self._server),
            "the queueserver answers, its environment is open, and nobody else's plan runs",
            lambda: self._engine.activity(),
        )
        self._engine = QueueEngine(self._server, self._documents, self._watch.look)
        self._watched: list[Watched] = []
        self._lost: set[str] = set()
        self._description: InstrumentDescription | None = None

    def run_engine(self) -> QueueEngine:
        return self._engine

    def connect(self) -> None:
        """Raises InstrumentError if the queueserver does not answer, its environment is closed, or a PV does not answer."""
        if self._description is not None:
            return
        standing = self._server.standing()
        if not standing.is_open:
            raise InstrumentError("the queueserver's environment is closed; open it: qserver environment open")
        self._far.connect()
        self._documents.listen()
        site = self._site
        self._watched = [
            from_site(name, one, self._far.signal(one.device, one.pv)) for name, one in site.interlocks.items() if one.pv is not None
        ]
        self._description = self._describe()

    def describe(self) -> InstrumentDescription:
        self.connect()
        assert self._description is not None
        return self._description

    def _describe(self) -> InstrumentDescription:
        site, told = self._site, foreseen(self._site)
        signals = {name: _signals(site, name) for name in site.detectors}
        axes = {name: axis.model_copy(update={"field": _field(name, site.axes[name])}) for name, axis in told.axes.items()}
        return told.model_copy(
            update={
                "axes": axes,
                "signals": {key: signal for found in signals.values() for key, signal in found.items()},
                "interlocks": {**{one.name: one.description for one in self._watched}, NAME: self._watch.description},
                "plans": self._plans(),
                "devices": {**dict.fromkeys(axes, ()), **{name: tuple(found) for name, found in signals.items()}},
                "has_second_connection": True,
            }
        )

    def _plans(self) -> Mapping[str, PlanDescription]:
        offered = self._server.plans()
        wanted = {name: entry.plan or name for name, entry in self._site.plans.items()}
        missing = sorted({*wanted.values(), POINT_PLAN} - set(offered))
        if missing:
            raise InstrumentError(
                f"the queueserver lets group {self._server.settings.group} call no {', '.join(missing)}; add it to the profile "
                "(from bluesky.plans import scan) or to user_group_permissions.yaml, or take it out of the site file"
            )
        return {name: described_plan(offered[plan]) for name, plan in wanted.items()}

    def plan(self, request: MeasureRequest) -> QueuedPlan:
        if request.plan is None:
            return point_plan(self._site, self.describe(), request)
        return called_plan(self._site, self.describe().plans, request)

    def positions(self) -> Mapping[str, Setting]:
        """Return where the axes with a PV are; of the others only their runs tell."""
        return self._far.positions()

    def watch(self, listener: BreachListener) -> None:
        self.connect()

        def listen(breach: Any, interlock: str) -> None:
            (self._lost.discard if breach is None else self._lost.add)(interlock)
            listener(breach, interlock)

        for one in (*self._watched, self._watch):
            one.watch(listen)

    def secure(self, cause: str) -> Sequence[str]:
        """End what the queueserver runs for Nightshift, then stop and close what has a PV."""
        ended = self._server.stop(cause, self._engine.own)
        state = state_for(self._site, cause, sorted(self._lost))
        done = secure(self._site, state, self._far.axes(), self._far.names(), self._far)
        return (*([ended] if ended else []), *done)

    def close(self) -> None:
        for one in (*self._watched, self._watch):
            one.close()
        self._far.close()


def _field(name: str, axis: Axis) -> str:
    return axis.field or (axis.device or name).replace(".", "_")


def _signals(site: SiteFile, name: str) -> dict[str, SignalDescription]:
    """Return a detector's signals by data key."""
    entry = site.detectors[name]
    if not entry.signals:
        key = (entry.device or name).replace(".", "_")
        return {key: SignalDescription(unit=entry.unit or "", field=key)}
    return {
        key: SignalDescription(kind=signal.kind, unit=signal.unit or entry.unit or "", saturation=signal.saturation, field=key)
        for key, signal in entry.signals.items()
    }
