"""Watching a condition over Channel Access, so that not even a breach too short to be seen goes unnoticed."""

import threading
from datetime import UTC, datetime
from typing import Any

from instruments.epics.channel import Channel
from instruments.epics.settings import InterlockPv
from instruments.settling import Settling
from orchestrator.domain.protocols import BreachListener
from orchestrator.domain.records import Breach


class InterlockMonitor:
    """One interlock: its value, and the counter that remembers short breaches."""

    def __init__(self, name: str, interlock: InterlockPv, value: Channel, trips: Channel | None) -> None:
        self._name = name
        self._interlock = interlock
        self._value = value
        self._trips = trips
        self._listeners: list[BreachListener] = []
        self._lock = threading.RLock()
        self._seen_at = 0.0
        self._is_broken = False
        self._n_trips: int | None = None
        self._worst = 0.0
        self._settling = Settling(name, interlock.wait_after_return, self._tell, short_loss=interlock.short_loss)

    def watch(self, listener: BreachListener) -> None:
        """Start telling; at once if the condition is broken now.

        Raises:
            InstrumentError: If a PV does not answer.
        """
        with self._lock:
            is_first = not self._listeners
            self._listeners.append(listener)
            if self._is_broken:
                listener(self._breach(None, "broken already"), self._name)
        self.check()
        if is_first:
            self._value.monitor(self._hear_value, self._hear_silence)
            if self._trips is not None:
                self._trips.monitor(self._hear_trips)

    def check(self) -> None:
        """Ask the IOC now: after this returns, no breach that has happened is still on its way.

        Raises:
            InstrumentError: If a PV does not answer.
        """
        if not self._listeners:
            return
        if self._trips is not None:
            self._hear_trips(*self._trips.get_with_time())
        self._hear_value(*self._value.get_with_time())

    def _hear_value(self, value: Any, at: float) -> None:
        with self._lock:
            if at < self._seen_at:
                return  # overtaken by a newer answer
            self._seen_at = at
            is_broken = not float(value) >= self._interlock.lower
            if is_broken and not self._is_broken:
                self._worst = float(value)
                self._settling.lost(self._breach(value, f"{self._value.name} = {value:g} {self._interlock.unit}".rstrip()))
            elif is_broken and float(value) < self._worst:
                self._worst = float(value)
                self._settling.worse(self._worst)
            elif self._is_broken and not is_broken:
                self._settling.held()
            self._is_broken = is_broken

    def _hear_trips(self, n_trips: Any, at: float) -> None:
        with self._lock:
            before, self._n_trips = self._n_trips, int(n_trips)
            if before is None or self._n_trips <= before:
                return
            assert self._trips is not None
            self._settling.lost(self._breach(None, f"{self._trips.name} went from {before} to {self._n_trips}"))
            if not self._is_broken:
                self._settling.held()

    def _hear_silence(self) -> None:
        with self._lock:
            self._is_broken = True
            self._seen_at = 0.0
            self._settling.lost(self._breach(None, f"{self._value.name} disconnected"))

    def _breach(self, value: Any, detail: str) -> Breach:
        limit = f"; at least {self._interlock.lower:g} {self._interlock.unit} is needed".rstrip()
        return Breach(interlock=self._name, value=None if value is None else float(value), at=datetime.now(UTC), detail=detail + limit)

    def _tell(self, breach: Breach | None, name: str) -> None:
        for listener in self._listeners:
            listener(breach, name)
