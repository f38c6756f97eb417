"""Where child processes begin: each wires one part and lets it serve."""

import contextlib
import importlib
import os
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from orchestrator import plugins
from orchestrator.domain.documents import DocumentPlaces
from orchestrator.domain.errors import InstrumentError, NightshiftError
from orchestrator.domain.protocols import Agent, Instrument
from orchestrator.domain.records import Objective
from orchestrator.domain.space import Space
from orchestrator.domain.spec import Plugin
from orchestrator.engine.agent_server import AgentServer, Role
from orchestrator.engine.agent_server import serve as serve_agents
from orchestrator.processes import die_with_parent, join_parent, receive


@dataclass(frozen=True, slots=True)
class InstrumentSetup:
    """What the instrument process and the sentinel build."""

    instrument: Plugin
    folder: Path
    """Where run records and artefacts lie."""
    campaign: str = ""
    """Whose sentinel it is: others find it by that. Empty for one that only its engine hears."""
    spool: Path | None = None
    """Where the instrument process keeps its documents until they are sent; None where they go nowhere."""


@dataclass(frozen=True, slots=True)
class AgentSetup:
    """What the agents' process builds."""

    agents: Mapping[Role, Plugin]
    space: Space
    objectives: tuple[Objective, ...]


@dataclass(frozen=True, slots=True)
class ReadySetup:
    """What a process for agents loads while it waits to be told which to build."""

    agents: tuple[str, ...]
    """Names of plug-ins."""


@dataclass(frozen=True, slots=True)
class SenderSetup:
    """What the sender of documents reads, and where they go."""

    places: DocumentPlaces
    outbox: Path
    ledger: str


@dataclass(frozen=True, slots=True)
class FinishSending:
    """To a sender: send what there is, within so many seconds, and end."""

    seconds: float


@dataclass(frozen=True, slots=True)
class ProfileSetup:
    """What looks through a site's profile."""

    source: Any
    """Where devices and plans come from."""
    load_seconds: float
    connect_seconds: float
    folder: Path
    """Where the log goes."""


def main() -> None:
    """Read role and descriptor from the command line, and the setup from the connection."""
    role, descriptor = sys.argv[1], int(sys.argv[2])
    connection = join_parent(descriptor)
    setup = receive(connection)
    if isinstance(setup, ReadySetup):
        setup = _stand_ready(setup, connection)
    match role, setup:
        case "agent", AgentSetup():
            _serve_agents(setup, connection)
        case "instrument", InstrumentSetup():
            _serve_instrument(setup, connection)
        case "sentinel", InstrumentSetup():
            _serve_sentinel(setup, connection)
        case "sender", SenderSetup():
            _send_documents(setup, connection)
        case "profile", ProfileSetup():
            _survey_profile(setup, connection)
        case _, None:
            return
        case _:
            raise TypeError(f"{role} was set up with {type(setup).__name__}")


def _stand_ready(setup: ReadySetup, connection: Connection) -> Any:
    """Import what agents will need, and return what this process is told next: until then it answers nobody."""
    die_with_parent()
    with contextlib.suppress(Exception), warnings.catch_warnings():  # the same fault shows when the agent is built or asked
        warnings.simplefilter("ignore", DeprecationWarning)
        for name in setup.agents:
            for module in getattr(plugins.load("agent", name), "loads", ()):
                importlib.import_module(module)
    return receive(connection)


def _serve_agents(setup: AgentSetup, connection: Connection) -> None:
    die_with_parent()
    agents: dict[Role, Agent] = {role: plugins.build("agent", plugin) for role, plugin in setup.agents.items()}
    serve_agents(AgentServer(agents, setup.space, setup.objectives), connection)


def _serve_instrument(setup: InstrumentSetup, connection: Connection) -> None:
    from orchestrator.execution.frames.reader import FrameReader
    from orchestrator.execution.instrument_server import InstrumentServer, serve
    from orchestrator.execution.interlock_watch import InterlockWatch
    from orchestrator.store.artefacts import FolderArtefacts
    from orchestrator.telemetry import log_bluesky, log_to_stderr

    log_to_stderr()
    artefacts = FolderArtefacts(setup.folder / "artefacts")
    keep = None if setup.spool is None else _spool(setup.spool)
    instrument = _inside(_build(setup, connection), connection)
    _load(instrument, setup, connection)
    log_bluesky()  # once a profile has run
    serve(InstrumentServer(instrument, artefacts, FrameReader(), setup.folder, InterlockWatch(), keep), connection)


def _spool(folder: Path) -> Any:
    from orchestrator.outbox.spool import SpoolWriter

    return SpoolWriter(folder)


def _serve_sentinel(setup: InstrumentSetup, connection: Connection) -> None:
    from orchestrator.execution.sentinel_address import address_of
    from orchestrator.execution.sentinel_server import serve
    from orchestrator.telemetry import log_to_stderr

    log_to_stderr()
    instrument: Any = _build(setup, connection)
    outside = getattr(instrument, "outside", None)
    serve(instrument if outside is None else outside(), connection, address_of(setup.folder, setup.campaign) if setup.campaign else None)


def _send_documents(setup: SenderSetup, connection: Connection) -> None:
    from orchestrator.outbox.sender import send_until_told
    from orchestrator.store.opening import open_ledger
    from orchestrator.telemetry import log_to_stderr

    die_with_parent()
    log_to_stderr()
    ledger = open_ledger(setup.ledger, read_only=True)

    def read_rows(campaign: str, after: int, most: int) -> tuple[Mapping[str, Any], ...]:
        return ledger.read_stored(campaign, after=after, limit=most)

    def told() -> float | None:
        message = receive(connection)
        return message.seconds if isinstance(message, FinishSending) else None

    send_until_told(setup.places, setup.outbox, read_rows, ledger.heads, told)
    os._exit(0)  # clients' own threads may wait for a server


def _survey_profile(setup: ProfileSetup, connection: Connection) -> None:
    from instruments.beamline.survey import survey

    def give_up(error: NightshiftError) -> None:
        _give_up(connection, error)

    try:
        found = survey(setup.source, setup.load_seconds, setup.connect_seconds, setup.folder / "profile.log", give_up)
    except NightshiftError as error:
        give_up(error)
    except Exception as error:  # the profile's devices are somebody else's code
        give_up(InstrumentError(f"the profile cannot be looked through: {type(error).__name__}: {error}"))
    else:
        receive(connection)
        connection.send(found)
        os._exit(0)  # the profile's own threads may never end


def _build(setup: InstrumentSetup, connection: Connection) -> Instrument:
    """Build the instrument; if it cannot be built, answer the first question with the reason."""
    try:
        return plugins.build("instrument", setup.instrument)
    except NightshiftError as error:
        _give_up(connection, error)
        raise  # never reached


def _inside(instrument: Any, connection: Connection) -> Instrument:
    """Return what this process drives in the instrument's place; if that cannot be had, answer the first question with the reason."""
    if not hasattr(instrument, "inside"):
        return instrument
    try:
        return instrument.inside()
    except NightshiftError as error:
        _give_up(connection, error)
        raise  # never reached


def _load(instrument: Any, setup: InstrumentSetup, connection: Connection) -> None:
    """Let an instrument load what wants the main thread; if that fails, answer the first question with the reason."""
    if not hasattr(instrument, "load"):
        return
    try:
        instrument.load(setup.folder, lambda error: _give_up(connection, error))
    except NightshiftError as error:
        _give_up(connection, error)


def _give_up(connection: Connection, error: NightshiftError) -> None:
    """Answer the first question with an error, and end whatever else this process may be doing."""
    receive(connection)
    with contextlib.suppress(OSError):
        connection.send(error)
    os._exit(1)
