"""What the command needs of a suite, and which suites there are."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from orchestrator.benchmarks import engines
from orchestrator.benchmarks.tasks import named


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants compared; empty means everything."""

    tasks: Sequence[str]
    engines: Sequence[str]
    n_seeds: int
    results: Path
    own_tasks: Path | None = None
    """A file of tasks to compare on instead of ours."""
    pythons: Mapping[str, str] = field(default_factory=dict[str, str])
    """By engine, the Python it is installed for, where that is not this one."""


class Suite(Protocol):
    """One comparison."""

    def list_tasks(self) -> Iterable[tuple[str, str]]:
        """Yield every task and what it is."""
        ...

    def list_engines(self) -> Iterable[tuple[str, str, str]]:
        """Yield every engine, what it is, and whether it is to be had here."""
        ...

    def notes(self) -> Iterable[str]:
        """Yield what will not be compared, and why."""
        ...

    def n_missing(self) -> int:
        """Return how many runs are wanted and not there."""
        ...

    def run(self, *, begun: Callable[[str], None], ended: Callable[[str], None]) -> None:
        """Make what is missing, each kept as it ends; say what is begun and what became of it."""
        ...

    def in_short(self) -> Iterable[str]:
        """Yield a line for each task: what engines needed on it, the best first."""
        ...

    def write(self) -> Path:
        """Write the tables of what is there and return where."""
        ...


def suite_of(name: str, wish: Wish) -> Suite:
    """Return a suite. Raises BadInput for a task or an engine it does not have."""
    named(tuple(wish.pythons), engines.all_engines(), "engine")
    match name:
        case "optimise":
            from orchestrator.benchmarks.optimise import OptimiseSuite

            return OptimiseSuite(wish)
        case "latency":
            from orchestrator.benchmarks.latency import LatencySuite

            return LatencySuite(wish)
        case "map":
            from orchestrator.benchmarks.maps import MapSuite

            return MapSuite(wish)
        case _:
            raise ValueError(f"no suite is called {name}")
