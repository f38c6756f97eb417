"""Who drives a campaign: asked of the ledger at most twice a second, however many pages want to know."""

import threading
import time

from orchestrator import bootstrap
from orchestrator.bootstrap import Workplace

_FRESH_SECONDS = 0.5
_MOST = 500


class Runners:
    """Remembers for half a second whether a campaign has a living runner, and who it is."""

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace
        self._known: dict[str, tuple[float, str]] = {}
        self._lock = threading.Lock()

    def of(self, campaign: str) -> str:
        """Return the living process that drives a campaign; empty when there is none."""
        with self._lock:
            known = self._known.get(campaign)
        if known is not None and time.monotonic() - known[0] < _FRESH_SECONDS:
            return known[1]
        runner = self._ask(campaign)
        with self._lock:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[campaign] = time.monotonic(), runner
        return runner

    def _ask(self, campaign: str) -> str:
        found = self._workplace.ledger.holder(f"campaign:{campaign}")
        return str(found[0]) if found is not None and bootstrap.has_runner(self._workplace, campaign) else ""
