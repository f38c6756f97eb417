"""Whether the queueserver can be used, as an interlock: the night waits on record while it cannot."""

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from instruments.beamline.model import Queueserver
from instruments.beamline.queued.server import Declined, Server, Silent, Standing, described
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.instrument import InterlockDescription
from orchestrator.domain.protocols import BreachListener
from orchestrator.domain.records import Breach

NAME = "queueserver"
_PERIOD_SECONDS = 1.0


class QueueWatch:
    """Looks at the manager once a second, and tells its listener once per change."""

    name = NAME

    def __init__(self, problem: Callable[[], str], meaning: str, activity: Callable[[], int] = lambda: 0) -> None:
        """Args: problem: What is wrong; empty when nothing is. activity: Odd while a plan of ours runs, which looks after itself."""
        self.description = InterlockDescription(meaning=meaning)
        self.problem = problem
        self._activity = activity
        self._listener: BreachListener | None = None
        self._told = ""
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def watch(self, listener: BreachListener) -> None:
        self._listener = listener
        self.look()
        threading.Thread(target=self._keep_looking, name="queueserver watch", daemon=True).start()

    def look(self) -> bool:
        """Look now; return whether it can be used."""
        said = self.problem()
        self._tell(said)
        return not said

    def _tell(self, said: str) -> None:
        with self._lock:
            if said != self._told and self._listener is not None:
                self._told = said
                self._listener(Breach(interlock=NAME, value=said, at=datetime.now(UTC), detail=said) if said else None, NAME)

    def close(self) -> None:
        self._closed.set()

    def _keep_looking(self) -> None:
        while not self._closed.wait(_PERIOD_SECONDS):
            before = self._activity()
            if before % 2:
                continue
            said = self.problem()
            if self._activity() == before:  # otherwise it may be our own plan that was seen
                self._tell(said)


def hindrance(server: Server) -> str:
    """Return what keeps a queueserver from taking a plan now; empty for nothing."""
    try:
        standing = server.standing()
        if not standing.is_open and standing.state == "idle":
            return "the queueserver's environment is closed; open it: qserver environment open"
        if standing.is_locked:
            return "the queueserver's environment is locked; ask who did (qserver lock info), and unlock it"
        item = server.running()
    except Declined as error:
        return f"the queueserver cannot read its queue; is its Redis running? It says: {error}"
    except InstrumentError as error:
        return str(error)
    return _occupation(standing, item)


def _occupation(standing: Standing, item: Mapping[str, Any]) -> str:
    if standing.state == "idle":
        return ""
    if not item:
        return f"the queueserver is {standing.state.replace('_', ' ')}"
    lost = (
        "; its RunEngine is idle: if that stays so, Redis was away while the plan ran: restart its manager (qserver manager kill test), "
        "the environment stays open"
    )
    return f"the queueserver runs the plan {described(item)}{lost if standing.is_idle else ''}"


def standing_in_words(settings: Queueserver) -> str:
    """Return how a queueserver stands, in a phrase for people: whether it answers, what is open, and whose plan runs."""
    server = Server(settings)
    try:
        standing = server.standing()
    except InstrumentError as error:
        return str(error)
    environment = "open" if standing.is_open else "closed"
    hindered = hindrance(server)
    return f"environment {environment}, {standing.state.replace('_', ' ')}{hindered and f'; {hindered}'}"


def rivalry(server: Server) -> str:
    """Return why the profile must not be run here; empty for no reason. A manager that does not answer has nothing open."""
    try:
        is_open = server.standing().is_open
    except Silent:
        return ""
    if not is_open:
        return ""
    return (
        f"the queueserver at {server.settings.control} has its environment open, and two RunEngines would move the same axes; "
        "close it (qserver environment close), or submit to it: queueserver.submit: true in the site file"
    )


def rival_watch(settings: Queueserver) -> QueueWatch:
    """Return what watches that a queueserver stays closed while the profile is run here."""
    server = Server(settings)
    return QueueWatch(lambda: rivalry(server), "the queueserver's environment is closed")
