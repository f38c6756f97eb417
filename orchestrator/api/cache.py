"""Campaigns folded once and kept up to date, so that a request costs a few new events and not the whole ledger."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from orchestrator.bootstrap import Workplace
from orchestrator.domain.campaign import CampaignState, create, evolve
from orchestrator.domain.errors import UnknownCampaign
from orchestrator.domain.events import LedgerEvent

_MOST_CAMPAIGNS = 50


@dataclass(slots=True)
class Cached:
    """One campaign as of its last event seen."""

    campaign: str
    state: CampaignState
    head: str


class CampaignCache:
    """Keeps the latest state of the campaigns that were asked for lately. Safe for threads."""

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace
        self._cached: OrderedDict[str, Cached] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, campaign: str) -> Cached:
        """Return a campaign as of its last event.

        Raises:
            UnknownCampaign: If the ledger holds none of exactly that id.
        """
        with self._lock:
            return self._fresh(campaign)

    def _fresh(self, campaign: str) -> Cached:
        cached = self._cached.get(campaign)
        events = self._workplace.ledger.read(campaign, after=0 if cached is None else cached.state.seq)
        if cached is None:
            cached = self._first(campaign, events)
            events = events[1:]
        for event in events:
            cached.state = evolve(cached.state, event)
            cached.head = event.hash
        self._cached[campaign] = cached
        self._cached.move_to_end(campaign)
        while len(self._cached) > _MOST_CAMPAIGNS:
            self._cached.popitem(last=False)
        return cached

    def _first(self, campaign: str, events: tuple[LedgerEvent, ...]) -> Cached:
        if not events:
            raise UnknownCampaign(f"no campaign is called {campaign!r} in {self._workplace.url}; see nightshift list")
        return Cached(campaign, create(events[0], self._workplace.objectives(campaign)), events[0].hash)
