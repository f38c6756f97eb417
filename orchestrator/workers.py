"""Where child processes begin: each wires one part and lets it serve."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from orchestrator import plugins
from orchestrator.domain.errors import NightshiftError
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


@dataclass(frozen=True, slots=True)
class AgentSetup:
    """What the agents' process builds."""

    agents: Mapping[Role, Plugin]
    space: Space
    objectives: tuple[Objective, ...]


def main() -> None:
    """Read role and descriptor from the command line, and the setup from the connection."""
    role, descriptor = sys.argv[1], int(sys.argv[2])
    connection = join_parent(descriptor)
    setup = receive(connection)
    match role, setup:
        case "agent", AgentSetup():
            _serve_agents(setup, connection)
        case "instrument", InstrumentSetup():
            _serve_instrument(setup, connection)
        case "sentinel", InstrumentSetup():
            _serve_sentinel(setup, connection)
        case _, None:
            return
        case _:
            raise TypeError(f"{role} was set up with {type(setup).__name__}")


def _serve_agents(setup: AgentSetup, connection: Connection) -> None:
    die_with_parent()
    agents: dict[Role, Agent] = {role: plugins.build("agent", plugin) for role, plugin in setup.agents.items()}
    serve_agents(AgentServer(agents, setup.space, setup.objectives), connection)


def _serve_instrument(setup: InstrumentSetup, connection: Connection) -> None:
    from orchestrator.execution.instrument_server import InstrumentServer, serve
    from orchestrator.execution.interlock_watch import InterlockWatch
    from orchestrator.store.artefacts import FolderArtefacts

    artefacts = FolderArtefacts(setup.folder / "artefacts")
    serve(InstrumentServer(_build(setup, connection), artefacts, setup.folder, InterlockWatch()), connection)


def _serve_sentinel(setup: InstrumentSetup, connection: Connection) -> None:
    from orchestrator.execution.sentinel_address import address_of
    from orchestrator.execution.sentinel_server import serve
    from orchestrator.telemetry import log_to_stderr

    log_to_stderr()
    serve(_build(setup, connection), connection, address_of(setup.folder, setup.campaign) if setup.campaign else None)


def _build(setup: InstrumentSetup, connection: Connection) -> Instrument:
    """Build the instrument; if it cannot be built, answer the first question with the reason."""
    try:
        return plugins.build("instrument", setup.instrument)
    except NightshiftError as error:
        receive(connection)
        connection.send(error)
        sys.exit(1)
