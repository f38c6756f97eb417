"""Starting the child processes, each told what to build."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from orchestrator import plugins
from orchestrator.domain.documents import DocumentPlaces
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.records import Objective
from orchestrator.domain.space import Space
from orchestrator.domain.spec import CampaignSpec, Plugin
from orchestrator.engine.agent_server import Role
from orchestrator.processes import Child, spawn
from orchestrator.settings import Settings
from orchestrator.workers import AgentSetup, InstrumentSetup, ProfileSetup, ReadySetup, SenderSetup

_ONE_THREAD: Mapping[str, str] = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
"""More threads make small models slower, and latency erratic beside other busy processes."""


def surroundings(instrument: Plugin) -> Mapping[str, str]:
    """Return what an instrument's processes find around them: the site file, which no campaign chooses, and what its class wants."""
    return {"NIGHTSHIFT_SITE": str(Settings().site_file), **getattr(plugins.load("instrument", instrument.type), "environment", {})}


def start_instrument(instrument: Plugin, folder: Path, spool: Path | None = None) -> Child:
    """Start the process that holds the devices and the RunEngine, and keeps its documents in a spool where they go somewhere."""
    return _start("instrument", InstrumentSetup(instrument, folder, spool=spool), surroundings(instrument))


def start_sender(places: DocumentPlaces, folder: Path, ledger: str, log: int | None = None) -> Child:
    """Start the process that sends documents; its log lines go to stderr, or where ``log`` says."""
    child = spawn("sender", log=log)
    child.connection.send(SenderSetup(places, folder, ledger))
    return child


def start_sentinel(instrument: Plugin, folder: Path, campaign: str = "") -> Child:
    """Start the process that watches the instrument over a connection of its own, where others find it by its campaign."""
    return _start("sentinel", InstrumentSetup(instrument, folder, campaign), surroundings(instrument))


def start_agents(spec: CampaignSpec, space: Space, objectives: tuple[Objective, ...], ready: Child | None = None) -> Child:
    """Start the agents' process, or have the one become it that stands ready."""
    agents: Mapping[Role, Plugin] = {"agent": spec.agent, "fallback": spec.fallback}
    setup = AgentSetup(agents, space, objectives)
    if ready is not None:
        with suppress(OSError):
            ready.connection.send(setup)
            return ready
        ready.kill()
    return _start("agent", setup, _ONE_THREAD)


def start_ready(agents: tuple[str, ...]) -> Child:
    """Start a process that loads what agents of these types need, and builds them once ``start_agents`` gives it to a campaign."""
    return _start("agent", ReadySetup(agents), _ONE_THREAD)


def ask_profile(source: Any, load_seconds: float, connect_seconds: float, folder: Path, seconds: float) -> Any:
    """Return a profile's survey, made in a process that is killed when it does not answer.

    Raises:
        InstrumentError: If the profile raises, or the process ends or hangs.
    """
    child = spawn("profile")
    try:
        child.connection.send(ProfileSetup(source, load_seconds, connect_seconds, folder))
        child.connection.send(None)  # the question that it answers
        if not child.connection.poll(seconds):
            raise InstrumentError(f"the profile gave no answer within {seconds:g} s; see {folder / 'profile.log'}")
        answer = child.connection.recv()
    except (EOFError, OSError):
        raise InstrumentError(f"the profile's process ended (code {child.process.wait()}); see {folder / 'profile.log'}") from None
    finally:
        child.kill()
    if isinstance(answer, Exception):
        raise answer
    return answer


def _start(role: str, setup: InstrumentSetup | AgentSetup | ReadySetup, environment: Mapping[str, str] | None = None) -> Child:
    child = spawn(role, environment)
    child.connection.send(setup)
    return child
