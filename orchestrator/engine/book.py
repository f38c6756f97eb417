"""The engine's copy of the truth: a fold over what is stored, and what is about to be."""

from collections.abc import Callable

from orchestrator.domain.campaign import CampaignState, first_value
from orchestrator.domain.errors import LeaseLost, LedgerFull
from orchestrator.domain.events import Draft, LedgerData, LedgerEvent
from orchestrator.domain.folding import create, evolve
from orchestrator.domain.ports import Clock, Lease, Ledger, Summary
from orchestrator.domain.records import Objective

Listener = Callable[[tuple[LedgerEvent, ...]], None]


class Book:
    """Records ledger events of one campaign. ``record`` folds at once; ``flush`` makes everything recorded durable together."""

    def __init__(self, campaign: str, ledger: Ledger, lease: Lease, clock: Clock, objectives: tuple[Objective, ...]) -> None:
        self.campaign = campaign
        self._ledger = ledger
        self._lease = lease
        self._clock = clock
        self._objectives = objectives
        self._pending: list[Draft] = []
        self._state: CampaignState | None = None
        self.head = ""
        self._listeners: list[Listener] = []
        self._news: list[LedgerEvent] = []
        """Stored, and not taken as news yet."""
        self._n_taken = 0
        """How many of those pending were taken before they were stored."""
        self._load()

    def _load(self) -> None:
        for event in self._ledger.read(self.campaign):
            self._state = create(event, self._objectives) if self._state is None else evolve(self._state, event)
            self.head = event.hash

    @property
    def state(self) -> CampaignState:
        """The campaign as it will be once everything recorded is flushed."""
        if self._state is None:
            raise LookupError(f"campaign {self.campaign} has no ledger events yet")
        return self._state

    def listen(self, listener: Listener) -> None:
        """Call the listener with every batch of events once it is durable."""
        self._listeners.append(listener)

    def record(self, data: LedgerData, actor: str = "engine") -> None:
        """Add one ledger event to the next flush."""
        draft = Draft(at=self._clock.now(), actor=actor, data=data)
        self._state = create(draft, self._objectives) if self._state is None else evolve(self._state, draft)
        self._pending.append(draft)

    def flush(self) -> None:
        """Make everything recorded durable, in one transaction.

        Raises:
            LeaseLost: Someone else runs this campaign now.
            LedgerFull: The disk is full; nothing of this batch was stored.
        """
        if not self._pending:
            return
        before = self.state.seq - len(self._pending)
        stored = self._ledger.append(
            self.campaign, self._pending, expected_seq=before, lease=self._lease, summary=summarise(self.campaign, self.state, self.head)
        )
        self._news.extend(stored[self._n_taken :])
        self._pending, self._n_taken = [], 0
        self.head = stored[-1].hash
        for listener in self._listeners:
            listener(stored)

    def take_news(self) -> tuple[LedgerEvent | Draft, ...]:
        """Return what was recorded since the last call, durable or not, as it is going to be read back."""
        news = (*self._news, *map(_as_read_back, self._pending[self._n_taken :]))
        self._news, self._n_taken = [], len(self._pending)
        return news

    def everything(self) -> tuple[LedgerEvent | Draft, ...]:
        """Return every event of the campaign, durable or not, as it is going to be read back."""
        return (*self._ledger.read(self.campaign), *map(_as_read_back, self._pending))

    def reload(self) -> None:
        """Forget what could not be stored and read the truth again."""
        self._pending, self._n_taken, self._news = [], 0, []
        self._state = None
        self._load()


def _as_read_back(draft: Draft) -> Draft:
    """Return a draft after a round trip through JSON: a successor and a replay see just this, and so must this runner's agents."""
    return Draft.model_validate_json(draft.model_dump_json())


def summarise(campaign: str, state: CampaignState, head: str) -> Summary:
    """Return the projection that is stored beside the events."""
    best = state.best_trial
    if state.created_at is None or state.updated_at is None:
        raise LookupError(f"campaign {campaign} has no times yet")
    return Summary(
        campaign=campaign,
        name=state.spec.name,
        status=str(state.shown_status),
        trials=state.n_counted,
        best_point=None if best is None else dict(best.point),
        best_score=None if best is None else first_value(best, state.objectives),
        seq=state.seq,
        head=head,
        created_at=state.created_at,
        updated_at=state.updated_at,
        reason=state.reason,
    )


UNWRITABLE = (LeaseLost, LedgerFull)
"""Errors after which the ledger will not take another ordinary event from this runner."""
