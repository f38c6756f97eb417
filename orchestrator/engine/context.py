"""Everything the engine works with, in one place and handed in from outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.ports import AgentHost, Clock, Executor, Lease, Ledger, LiveSignals, LiveState
from orchestrator.domain.protocols import Guardian
from orchestrator.domain.space import Space
from orchestrator.engine.book import Book
from orchestrator.engine.scoring import Judge


class Switch(Protocol):
    """What the person at the terminal wants, set from a signal handler."""

    @property
    def is_pause_wanted(self) -> bool:
        """Pause after this trial."""
        ...

    @property
    def is_stop_wanted(self) -> bool:
        """Stop now, safely."""
        ...

    def take_pause(self) -> bool:
        """Return whether a pause is wanted, and consider it done."""
        ...


@dataclass(frozen=True, slots=True)
class Engine:
    """One campaign and the ports through which it is driven."""

    campaign: str
    book: Book
    ledger: Ledger
    instrument_lease: Lease
    host: AgentHost
    executor: Executor
    judge: Judge
    guardians: Mapping[str, Guardian]
    space: Space
    clock: Clock
    live: LiveSignals
    switch: Switch
    is_patient: bool = True
    """Whether to wait for people; otherwise the engine leaves as soon as one is needed."""

    @property
    def state(self) -> CampaignState:
        return self.book.state

    def show(self, phase: str, detail: str = "", *, is_news: bool = False) -> None:
        """Tell people what is being done."""
        self.live.publish(LiveState(phase, self.state, detail, self.campaign, is_news))
