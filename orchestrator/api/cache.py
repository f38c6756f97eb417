"""Campaigns folded once and kept up to date, so that a request costs a few new events and not the whole ledger."""

import threading
from collections import OrderedDict

from orchestrator.api.following import Followed, trial_of
from orchestrator.bootstrap import Workplace
from orchestrator.domain.errors import UnknownCampaign
from orchestrator.domain.events import LedgerEvent
from orchestrator.wire.trials import Trial

_MOST_CAMPAIGNS = 50


class CampaignCache:
    """Keeps the campaigns that were asked for lately. Safe for threads; each campaign has a lock of its own."""

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace
        self._followed: OrderedDict[str, Followed] = OrderedDict()
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, campaign: str) -> Followed:
        """Return a campaign as of its last event.

        Raises:
            UnknownCampaign: If the ledger holds none of exactly that id.
        """
        with self._lock_of(campaign):
            followed = self._followed.get(campaign)
            events = self._workplace.ledger.read(campaign, after=0 if followed is None else followed.state.seq)
            if followed is None:
                followed = self._begin(campaign, events)
                events = events[1:]
            for event in events:
                followed.hear(event)
        self._keep(campaign, followed)
        return followed

    def news(self, campaign: str, events: tuple[LedgerEvent, ...]) -> tuple[tuple[LedgerEvent, Trial | None], ...]:
        """Return events with the trial each is about, as it stands now; what the event stream sends.

        Raises:
            UnknownCampaign: If the ledger holds none of exactly that id.
        """
        followed = self.get(campaign)
        with self._lock_of(campaign):
            return tuple((event, _trial(followed, event)) for event in events)

    def _begin(self, campaign: str, events: tuple[LedgerEvent, ...]) -> Followed:
        if not events:
            raise UnknownCampaign(f"no campaign is called {campaign!r} in {self._workplace.url}; see nightshift list")
        return Followed.begin(campaign, events[0], self._workplace.objectives(campaign))

    def _lock_of(self, campaign: str) -> threading.Lock:
        with self._lock:
            return self._locks.setdefault(campaign, threading.Lock())

    def _keep(self, campaign: str, followed: Followed) -> None:
        with self._lock:
            self._followed[campaign] = followed
            self._followed.move_to_end(campaign)
            while len(self._followed) > _MOST_CAMPAIGNS:
                oldest, _ = self._followed.popitem(last=False)
                self._locks.pop(oldest, None)


def _trial(followed: Followed, event: LedgerEvent) -> Trial | None:
    number = trial_of(event.data)
    return None if number is None or number > len(followed.state.trials) else followed.trial(number)
