"""How a run ended, and how people say what they want while it runs."""

import threading
from dataclasses import dataclass
from pathlib import Path

from orchestrator.domain.base import Point
from orchestrator.domain.campaign import Status
from orchestrator.queries.samples import SampleRow


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended."""

    campaign: str
    status: Status
    trials: int
    best_point: Point | None
    best_score: float | None
    """The first objective's value there."""
    wall_s: float
    """Seconds this runner spent, start-up included."""
    head: str
    """Hash of the last ledger event: keep it outside the ledger to detect a truncated tail."""
    reason: str = ""
    report: Path | None = None
    found: tuple[str, ...] = ()
    """The best, the Pareto front and where the axes stand, as people read them; empty while nothing is scored."""
    samples: tuple[SampleRow, ...] = ()
    """Of a campaign over samples: what became of them."""
    documents: tuple[str, ...] = ()
    """What has not reached Tiled or Kafka, in words."""


class Switch:
    """Set from signal handlers, read by the engine."""

    def __init__(self) -> None:
        self._pause = threading.Event()
        self._stop = threading.Event()

    def pause_after_trial(self) -> None:
        self._pause.set()

    def stop_now(self) -> None:
        self._stop.set()

    @property
    def is_pause_wanted(self) -> bool:
        return self._pause.is_set()

    @property
    def is_stop_wanted(self) -> bool:
        return self._stop.is_set()

    def take_pause(self) -> bool:
        wanted = self._pause.is_set()
        self._pause.clear()
        return wanted
