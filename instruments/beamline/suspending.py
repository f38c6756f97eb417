"""Interlocks: the site file's, and whatever the profile's RunEngine suspends for."""

import math
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from instruments.beamline.model import Interlock
from instruments.settling import Settling
from orchestrator.domain.instrument import InterlockDescription
from orchestrator.domain.protocols import BreachListener
from orchestrator.domain.records import Breach


class Watched:
    """One condition; tells its listener once per change."""

    def __init__(
        self,
        name: str,
        description: InterlockDescription,
        signal: Any,
        problem: Callable[[Any], str],
        wait: float = 0.0,
        *,
        short_loss: float = 0.0,
        is_worse: Callable[[Any, Any], bool] | None = None,
    ) -> None:
        """Args: problem: What is wrong with a value; empty when it holds. wait: Seconds it must hold again before that is told.
        short_loss: Seconds of a loss that needs no wait. is_worse: Whether a bad value is worse than the worst so far.
        """
        self.name = name
        self.description = description
        self._signal = signal
        self._problem = problem
        self._is_worse = is_worse or (lambda _value, _than: False)
        self._settling = Settling(name, wait, self._tell, short_loss=short_loss)
        self._listener: BreachListener | None = None
        self._lock = threading.RLock()
        self._worst: Any = None
        self._is_broken = False
        self._token: Any = None

    def watch(self, listener: BreachListener) -> None:
        self._listener = listener
        self._token = (
            self._signal.subscribe(self._hear, run=True) if not _is_async(self._signal) else self._signal.subscribe_reading(self._read)
        )

    def close(self) -> None:
        self._settling.cancel()
        if self._listener is not None and not _is_async(self._signal):
            self._signal.unsubscribe(self._token)
        self._listener = None

    def _read(self, reading: Mapping[str, Any]) -> None:
        for entry in reading.values():
            self._hear(value=entry["value"])

    def _hear(self, *, value: Any, **_: Any) -> None:
        said = self._problem(value)
        with self._lock:
            if said and not self._is_broken:
                self._worst = value
                self._settling.lost(Breach(interlock=self.name, value=_plain(value), at=datetime.now(UTC), detail=said))
            elif said and self._is_worse(value, self._worst):
                self._worst = value
                self._settling.worse(_plain(value))
            elif self._is_broken and not said:
                self._settling.held()
            self._is_broken = bool(said)

    def _tell(self, breach: Breach | None, interlock: str) -> None:
        if self._listener is not None:
            self._listener(breach, interlock)


def from_site(name: str, interlock: Interlock, signal: Any) -> Watched:
    """Return an interlock of the site file."""
    low = -math.inf if interlock.lower is None else interlock.lower
    high = math.inf if interlock.upper is None else interlock.upper
    bounds = f"{low:g} ≤ {name} ≤ {high:g}".replace("-inf ≤ ", "").replace(" ≤ inf", "")

    def problem(value: Any) -> str:
        return (
            "" if low <= float(value) <= high else f"{signal.name} = {value} {interlock.unit}; {bounds} {interlock.unit} is needed".strip()
        )

    description = InterlockDescription(lower=interlock.lower, unit=interlock.unit, meaning=interlock.meaning or bounds)
    return Watched(name, description, signal, problem)


def from_suspender(suspender: Any, taken: Mapping[str, Any]) -> Watched | None:
    """Return a suspender as an interlock; None where it watches nothing that can be subscribed to.

    The RunEngine goes on suspending by itself; as an interlock it is also on record, and no trial begins while it is tripped.
    """
    signal = getattr(suspender, "_sig", None)
    if signal is None or not hasattr(signal, "subscribe"):
        return None
    name = signal.name if signal.name not in taken else f"{signal.name}_{type(suspender).__name__}"
    told = getattr(suspender, "_tripped_message", "")

    def problem(value: Any) -> str:
        # Its own rule, asked anew: whether it has heard this very value yet depends on who subscribed first.
        is_bad = suspender._should_suspend(value) or (suspender.tripped and not suspender._should_resume(value))
        return f"{signal.name} = {value}: {type(suspender).__name__} {told}".strip() if is_bad else ""

    meaning = f"{type(suspender).__name__} on {signal.name} {told}".strip()
    return Watched(name, InterlockDescription(meaning=meaning), signal, problem, float(getattr(suspender, "_sleep", 0.0)))


def _is_async(signal: Any) -> bool:
    return hasattr(signal, "subscribe_reading")


def _plain(value: Any) -> float | str:
    return float(value) if isinstance(value, int | float) or hasattr(value, "item") else str(value)
