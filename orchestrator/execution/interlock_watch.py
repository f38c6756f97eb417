"""Remembers every interlock breach, however short, so that a trial can be judged contaminated afterwards."""

import threading
from collections.abc import Mapping
from datetime import datetime

from orchestrator.domain.records import Breach


class InterlockWatch:
    """Listens to an instrument's interlocks from whatever thread reports them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lost: dict[str, Breach] = {}
        self._breaches: list[Breach] = []

    def listen(self, breach: Breach | None, interlock: str) -> None:
        """Note that an interlock broke, or, with None, that it holds again."""
        with self._lock:
            if breach is None:
                self._lost.pop(interlock, None)
                return
            known = self._lost.get(interlock)
            self._lost[interlock] = breach
            if known is not None and known.at == breach.at:  # the same loss: worse by now, or waited out
                self._breaches = [breach if each is known else each for each in self._breaches]
            else:
                self._breaches.append(breach)

    def lost(self) -> Mapping[str, Breach]:
        """Return the interlocks that do not hold now."""
        with self._lock:
            return dict(self._lost)

    def since(self, moment: datetime) -> tuple[Breach, ...]:
        """Return every breach from that moment on, and those already standing then; older ones are forgotten."""
        with self._lock:
            self._breaches = [breach for breach in self._breaches if breach.at >= moment]
            standing = [breach for breach in self._lost.values() if breach not in self._breaches]
            return (*standing, *self._breaches)
