"""Who is compared: our agents, and other people's optimisers if they are installed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol

from orchestrator import plugins
from orchestrator.asktell import AskTell
from orchestrator.benchmarks.tasks import Goal, Task
from orchestrator.domain.base import Point
from orchestrator.domain.space import Space
from orchestrator.wording.installing import how_to_install

Objectives = Mapping[str, Goal]


class Engine(Protocol):
    """Something that suggests points and learns what they were worth."""

    def ask(self) -> Point:
        """Return the next point of the space."""
        ...

    def tell(self, point: Point, values: Mapping[str, float]) -> None:
        """Say what a point was worth, asked for or not."""
        ...


@dataclass(frozen=True, slots=True)
class Peer:
    """Somebody else's optimiser and what of it is used."""

    name: str
    module: str
    """Of ours, with ``make(space, objectives, seed, reference)`` and ``refusal(space, objectives)``."""
    distribution: str
    about: str


_HERE = "orchestrator.benchmarks.peers"
PEERS: Mapping[str, Peer] = {
    peer.name: peer
    for peer in (
        Peer("ax", f"{_HERE}.ax_client", "ax-platform", "Ax's Client with its own generation strategy"),
        Peer("botorch", f"{_HERE}.botorch_script", "botorch", "SingleTaskGP and LogEI, as BoTorch's first tutorial has them"),
        Peer("gpcam", f"{_HERE}.gpcam_optimizer", "gpcam", "what GPOptimizer.optimize does: lcb, trained now and then"),
        Peer("gpcam-ei", f"{_HERE}.gpcam_every_time", "gpcam", "expected improvement, trained after every measurement"),
        Peer("baybe", f"{_HERE}.baybe_campaign", "baybe", "a Campaign with its default recommender"),
        Peer("xopt", f"{_HERE}.xopt_generator", "xopt", "ExpectedImprovementGenerator, MOBO with two objectives"),
        Peer("blop", f"{_HERE}.blop_agent", "blop", "blop.ax.Agent, by suggest and ingest"),
    )
}


def all_engines() -> Mapping[str, str]:
    """Return every engine's name and what it is: our agents first."""
    agents = {found.name: f"our agent {found.name}" for found in plugins.found("agent") if found.name not in _NOT_COMPARED}
    return agents | {peer.name: peer.about for peer in PEERS.values()}


_NOT_COMPARED = ("scripted",)
"""Agents that cannot suggest anything without settings of their own."""


def build(name: str, space: Space, objectives: Objectives, seed: int, *, reference: tuple[float, float] | None = None) -> Engine:
    """Return a new engine of that name."""
    if name in PEERS:
        make: Callable[..., Engine] = _module(name).make
        return make(space, objectives, seed, reference)
    return OurAgent(name, space, objectives, seed)


def refusal(name: str, space: Space, objectives: Objectives) -> str:
    """Return why an engine cannot play on a space at all, empty if it can. Imports nothing but our own adapter."""
    return "" if name not in PEERS else _module(name).refusal(space, objectives)


def pool_use(name: str) -> str:
    """Return how an engine treats a pool: it chooses members, or it suggests in the box and the nearest untried member is taken."""
    return "members" if name not in PEERS else _module(name).POOL


def missing(name: str) -> str:
    """Return why an engine is not to be had here and how to get it, empty if it is."""
    if name not in PEERS:
        return ""
    distribution = PEERS[name].distribution
    if not _version(distribution):
        return f"{distribution} is not installed; {how_to_install('peers')}, or name another Python by --python {name}=PATH"
    return ""


def versions_of(name: str) -> dict[str, str]:
    """Return the versions that bear on an engine's figures."""
    wanted = ("nightshift", "numpy", "scipy", "torch", "botorch", *([PEERS[name].distribution] if name in PEERS else []))
    return {distribution: found for distribution in wanted if (found := _version(distribution))}


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def _module(name: str) -> Any:
    return import_module(PEERS[name].module)


class OurAgent:
    """One of our agents, as a user's own loop would use it."""

    def __init__(self, agent: str, space: Space, objectives: Objectives, seed: int) -> None:
        constraints = [constraint.model_dump() for constraint in space.constraints]
        self._loop = AskTell(space.parameters, objectives, agent, seed, constraints=constraints, candidates=space.candidates)

    def ask(self) -> Point:
        return self._loop.ask()[0]

    def tell(self, point: Point, values: Mapping[str, float]) -> None:
        self._loop.tell(point, values)


def playable(name: str, task: Task, space: Space) -> str:
    """Return why an engine does not play a task, empty if it does."""
    return missing(name) or refusal(name, space, task.objectives)
