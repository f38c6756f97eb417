"""How long an instrument stands idle for the engine's sake, from the end of one run to the start of the next."""

from dataclasses import dataclass
from datetime import datetime

from orchestrator.domain.records import Observation


@dataclass(slots=True)
class Idling:
    """One gap between two runs. What is spent waiting for a person or for beam is nobody's thinking, and is left out."""

    since: datetime | None = None
    """When the last run ended; None while that is not known: before the first run, and after one that broke off."""
    waited_s: float = 0.0
    waiting_since: datetime | None = None

    def note(self, now: datetime, *, is_waiting: bool) -> None:
        """Take note of whether somebody else is waited for from now on."""
        if is_waiting:
            self.waiting_since = self.waiting_since or now
        elif self.waiting_since is not None:
            self.waited_s += (now - self.waiting_since).total_seconds()
            self.waiting_since = None

    def lose_track(self) -> None:
        """The instrument was in use until nobody knows when."""
        self.since = None

    def over(self, observation: Observation) -> Observation:
        """Return the observation with the dead time before it; the next gap begins where its run ended."""
        dead_s = None if self.since is None else max(0.0, (observation.started_at - self.since).total_seconds() - self.waited_s)
        self.since, self.waited_s = observation.finished_at, 0.0
        return observation.model_copy(update={"dead_s": dead_s})
