"""Starting the supervisor's children, each told what to do."""

from collections.abc import Callable

from orchestrator.bootstrap import sending
from orchestrator.domain.documents import DocumentPlaces
from orchestrator.processes import Child, spawn
from orchestrator.serving.setups import AlertsSetup, ApiSetup, EngineSetup

_ENTRY = "orchestrator.serving.children"


def api_starter(setup: ApiSetup, log: int | None = None) -> Callable[[], Child]:
    def start() -> Child:
        return _told(spawn("api", entry=_ENTRY, descriptors=(setup.descriptor,), log=log), setup)

    return start


def alerts_starter(setup: AlertsSetup, log: int | None = None) -> Callable[[], Child]:
    def start() -> Child:
        return _told(spawn("alerts", entry=_ENTRY, log=log), setup)

    return start


def engine_starter(ledger: str | None, *, writes_report: bool = False, log: int | None = None) -> Callable[[str, str], Child]:
    def start(campaign: str, because: str) -> Child:
        return _told(spawn("engine", entry=_ENTRY, log=log), EngineSetup(ledger, campaign, because, writes_report))

    return start


def sender_starter(places: DocumentPlaces, ledger: str | None, log: int | None = None) -> Callable[[], Child]:
    return lambda: sending.start_for(ledger, places, log)


def _told(child: Child, setup: ApiSetup | AlertsSetup | EngineSetup) -> Child:
    child.connection.send(setup)
    return child
