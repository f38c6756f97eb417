"""A process for agents, started while a part is measured, so that the next part need not wait for Python and its libraries."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from orchestrator.bootstrap import children
from orchestrator.processes import Child

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Spare:
    """At most one process. It holds libraries and nothing else, and answers nobody before it is given to a part.

    It takes as much memory as the agents' libraries do, beside that of the part which is driven: 115 MB for ``bayesian`` with one
    objective, 205 MB for ``random-forest``.
    """

    start: Callable[[tuple[str, ...]], Child] = children.start_ready
    n_started: int = 0
    n_taken: int = 0
    _child: Child | None = None

    def make_ready(self, *agents: str) -> None:
        """Start it, unless one stands there already. Call it from the main thread.

        Args:
            agents: The types of agents that will probably be asked; others may be, and load what they need themselves.
        """
        if self._child is not None and self._child.is_alive:
            return
        self._drop()
        self._child = self.start(agents)
        self.n_started += 1

    def take(self) -> Child | None:
        """Return the process for good; None where none stands ready."""
        child, self._child = self._child, None
        if child is None or not child.is_alive:
            return None
        self.n_taken += 1
        return child

    def close(self) -> None:
        """End what nobody needed, and say so."""
        self._drop()
        if self.n_started > self.n_taken:
            _log.info("agents' processes were started ahead and not needed", started=self.n_started, taken=self.n_taken)

    def _drop(self) -> None:
        if self._child is not None:
            self._child.kill()
        self._child = None
