"""A world that runs inside this process: it meets a clock, threads and those who watch the beam."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from instruments.simulated.beam import THRESHOLD, Change
from instruments.simulated.clock import SimulationClock
from instruments.simulated.world import World
from orchestrator.domain.protocols import BreachListener
from orchestrator.domain.records import Breach

INTERLOCK = "beam"


class LiveWorld:
    """Owns a world, lets one thread at a time touch it, and tells listeners when the beam goes and returns."""

    def __init__(self, world: World, clock: SimulationClock) -> None:
        self._world = world
        self._clock = clock
        self._lock = threading.RLock()
        self._listeners: list[BreachListener] = []
        self._timers: list[threading.Timer] = []
        self._n_scheduled = 0
        self._told_until = clock.now()

    def do(self, action: Callable[[World, float], Any]) -> Any:
        """Return what an action made of (world, now); beam changes it brought about are told at once."""
        with self._lock:
            result = action(self._world, self._clock.now())
            self._schedule_changes()
        self._tell_changes()
        return result

    def after(self, simulated_seconds: float, action: Callable[[], None]) -> None:
        """Run an action once a wait is over; at time scale 0 the clock jumps and it runs now."""
        real = self._clock.real_seconds(simulated_seconds)
        if real == 0.0:
            self._tell_changes()
            action()
        else:
            self._start_timer(real, action)

    def watch(self, listener: BreachListener) -> None:
        with self._lock:
            self._listeners.append(listener)
            now = self._clock.now()
            is_present = self._world.beam.current(now) >= THRESHOLD
        if not is_present:
            self._tell(listener, Change(now, False))

    def close(self) -> None:
        """Forget everything that was going to happen."""
        with self._lock:
            self._listeners.clear()
            for timer in self._timers:
                timer.cancel()
            self._timers.clear()

    def _start_timer(self, real_seconds: float, action: Callable[[], None]) -> None:
        timer = threading.Timer(real_seconds, action)
        timer.daemon = True
        with self._lock:
            self._timers = [other for other in self._timers if other.is_alive()] + [timer]
        timer.start()

    def _schedule_changes(self) -> None:
        new = self._world.beam.dumps[self._n_scheduled :]
        self._n_scheduled += len(new)
        now = self._clock.now()
        for moment in (moment for dump in new for moment in dump if moment > now):
            # A little late, so that the change has certainly happened when the timer asks.
            self._start_timer((moment - now) * (self._clock.scale or 1.0) + 0.001, self._tell_changes)

    def _tell_changes(self) -> None:
        with self._lock:
            now = self._clock.now()
            changes = self._world.beam.changes(self._told_until, now)
            self._told_until = now
            listeners = tuple(self._listeners)
        for change in changes:
            for listener in listeners:
                self._tell(listener, change)

    def _tell(self, listener: BreachListener, change: Change) -> None:
        if change.is_present:
            listener(None, INTERLOCK)
            return
        ago = (self._clock.now() - change.at) * self._clock.scale
        at = datetime.now(UTC) - timedelta(seconds=max(ago, 0.0))
        listener(Breach(interlock=INTERLOCK, value=0.0, at=at, detail="the simulated ring lost its beam"), INTERLOCK)
