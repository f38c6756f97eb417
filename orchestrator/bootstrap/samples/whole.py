"""What is known while a campaign over samples is driven."""

from dataclasses import dataclass, field

from orchestrator.bootstrap.campaigns import Terminal
from orchestrator.bootstrap.clock import WallClock
from orchestrator.bootstrap.rig import Rig
from orchestrator.bootstrap.samples.spare import Spare
from orchestrator.bootstrap.workplace import Workplace
from orchestrator.domain import events as ev
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.documents import DocumentPlaces
from orchestrator.domain.ports import Command, LiveState
from orchestrator.domain.samples import SamplesSpec
from orchestrator.engine.book import Book


@dataclass(slots=True)
class Whole:
    """A campaign over samples and what it is driven with. What it remembers of a part is forgotten with the part."""

    workplace: Workplace
    campaign: str
    rig: Rig
    book: Book
    terminal: Terminal
    clock: WallClock = field(default_factory=WallClock)
    places: DocumentPlaces | None = None
    """Where documents go; those of all parts wait in the whole's spool, and each part's ledger is sent as its own."""
    spare: Spare | None = None
    """Where the next part's agents are started ahead."""
    part: str = ""
    """The id of the part that is driven now."""
    ending: Command | None = None
    """The order to stop or abort the whole; it leaves the inbox once that is recorded."""
    stopped_by: str = ""
    """Who stopped the part, if anybody did."""
    trouble: str = ""
    """Why the part's latest attempt did not count."""

    @property
    def state(self) -> CampaignState:
        return self.book.state

    @property
    def spec(self) -> SamplesSpec:
        spec = self.state.spec
        assert isinstance(spec, SamplesSpec)
        return spec

    def record(self, *data: ev.LedgerData, actor: str = "engine") -> None:
        """Record ledger events of the whole, durable together."""
        for each in data:
            self.book.record(each, actor)
        self.book.flush()

    def show(self, phase: str, detail: str = "", *, is_news: bool = False) -> None:
        self.terminal.live.publish(LiveState(phase, self.state, detail, self.campaign, is_news))
