"""Everything the engine works with, in one place and handed in from outside."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from orchestrator.domain import events as ev
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.ports import AgentHost, Clock, Command, Executor, Lease, Ledger, LiveSignals, LiveState
from orchestrator.domain.protocols import Guardian
from orchestrator.domain.space import Space
from orchestrator.domain.spec import CampaignSpec
from orchestrator.engine.book import Book
from orchestrator.engine.idling import Idling
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
class Refit:
    """What follows from a campaign's spec and is replaced when people amend it."""

    space: Space
    guardians: Mapping[str, Guardian]
    start_host: Callable[[], AgentHost]
    """Starts the agents' process and shows it everything recorded so far."""


@dataclass(slots=True)
class Engine:
    """One campaign and the ports through which it is driven. Only an amended spec changes what is in here."""

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
    begun_because: str = ""
    """Why this runner drives the campaign, where it knows: for example what the one before died of."""
    idling: Idling = field(default_factory=Idling)
    look: Callable[[], None] = lambda: None
    """Called before every look into the inbox: what was told elsewhere, such as to the whole that this is a part of, is put there."""
    refit: Callable[[CampaignSpec], Refit] | None = None
    """Returns what an amended spec needs, or raises BadInput if it cannot be run on this instrument."""

    @property
    def state(self) -> CampaignState:
        return self.book.state

    def inbox(self) -> tuple[Command, ...]:
        """Return the commands that wait."""
        self.look()
        return self.ledger.commands(self.campaign)

    def show(self, phase: str, detail: str = "", *, is_news: bool = False) -> None:
        """Tell people what is being done."""
        self.live.publish(LiveState(phase, self.state, detail, self.campaign, is_news))

    def tell_agents(self) -> None:
        """Show the agents what was recorded since they were last told."""
        news = self.book.take_news()
        if news:
            self.host.sync(news)

    def think_ahead(self) -> None:
        """Let the agent think while the instrument measures."""
        self.tell_agents()
        self.host.prepare()

    def refit_for(self, events: Sequence[ev.LedgerData]) -> Refit | None:
        """Return what these events will need; None when they do not amend the spec.

        Raises:
            BadInput: If the amended spec cannot be run; nothing has been recorded yet.
        """
        amended = [event.spec for event in events if isinstance(event, ev.CampaignAmended)]
        return self.refit(amended[-1]) if amended and self.refit is not None else None

    def use(self, refit: Refit) -> None:
        """Go on with another space, other guardians, and agents that are told of them."""
        self.host.close()
        self.space, self.guardians, self.host = refit.space, refit.guardians, refit.start_host()
