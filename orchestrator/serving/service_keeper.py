"""The API and the alerts: started again whenever they end, while campaigns go on untouched."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from orchestrator.processes import Child
from orchestrator.serving.restarts import SERVICE


@dataclass(slots=True)
class ServiceKeeper:
    """One service."""

    name: str
    start_child: Callable[[], Child]
    tell: Callable[[str], None]
    child: Child | None = None
    _deaths: list[float] = field(default_factory=list[float])
    _next_start: float = 0.0

    def look(self) -> None:
        """Start it if it does not run and its time has come. Call it several times a second, from the main thread."""
        if self.child is not None and not self.child.is_alive:
            self._bury(self.child)
        if self.child is None and time.monotonic() >= self._next_start:
            self.child = self.start_child()

    def end(self) -> None:
        if self.child is not None:
            self.child.kill()
            self.child = None

    def _bury(self, child: Child) -> None:
        now = time.monotonic()
        self._deaths = [death for death in self._deaths if now - death <= SERVICE.window_s] + [now]
        self._next_start = now + (SERVICE.pause(self._deaths, now) or 0.0)
        self.tell(f"the {self.name} ended (code {child.process.returncode}) and is started again; campaigns are not affected")
        self.end()
