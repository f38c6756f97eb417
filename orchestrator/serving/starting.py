"""Starting the supervisor's children, each told what to do."""

from collections.abc import Callable

from orchestrator.processes import Child, spawn
from orchestrator.serving.setups import AlertsSetup, ApiSetup, EngineSetup

_ENTRY = "orchestrator.serving.children"


def api_starter(setup: ApiSetup) -> Callable[[], Child]:
    def start() -> Child:
        return _told(spawn("api", entry=_ENTRY, descriptors=(setup.descriptor,)), setup)

    return start


def alerts_starter(setup: AlertsSetup) -> Callable[[], Child]:
    def start() -> Child:
        return _told(spawn("alerts", entry=_ENTRY), setup)

    return start


def engine_starter(ledger: str | None, *, tells: bool = False) -> Callable[[str, str], Child]:
    def start(campaign: str, because: str) -> Child:
        return _told(spawn("engine", entry=_ENTRY), EngineSetup(ledger, campaign, because, tells))

    return start


def _told(child: Child, setup: ApiSetup | AlertsSetup | EngineSetup) -> Child:
    child.connection.send(setup)
    return child
