"""Starting the child processes, each told what to build."""

from collections.abc import Mapping
from pathlib import Path

from orchestrator.domain.records import Objective
from orchestrator.domain.space import Space
from orchestrator.domain.spec import CampaignSpec, Plugin
from orchestrator.engine.agent_server import Role
from orchestrator.processes import Child, spawn
from orchestrator.workers import AgentSetup, InstrumentSetup

_ONE_THREAD: Mapping[str, str] = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
"""More threads make small models slower, and latency erratic beside other busy processes."""


def start_instrument(instrument: Plugin, folder: Path) -> Child:
    """Start the process that holds the devices and the RunEngine."""
    return _start("instrument", InstrumentSetup(instrument, folder))


def start_sentinel(instrument: Plugin, folder: Path, campaign: str = "") -> Child:
    """Start the process that watches the instrument over a connection of its own, where others find it by its campaign."""
    return _start("sentinel", InstrumentSetup(instrument, folder, campaign))


def start_agents(spec: CampaignSpec, space: Space, objectives: tuple[Objective, ...]) -> Child:
    """Start the agents' process."""
    agents: Mapping[Role, Plugin] = {"agent": spec.agent, "fallback": spec.fallback}
    return _start("agent", AgentSetup(agents, space, objectives), _ONE_THREAD)


def _start(role: str, setup: InstrumentSetup | AgentSetup, environment: Mapping[str, str] | None = None) -> Child:
    child = spawn(role, environment)
    child.connection.send(setup)
    return child
