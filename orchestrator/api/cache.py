"""Campaigns folded once and kept up to date, so that a request costs a few new events and not the whole ledger."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from orchestrator.api.following import Followed, trial_of
from orchestrator.bootstrap import Workplace
from orchestrator.domain.errors import UnknownCampaign
from orchestrator.domain.events import LedgerEvent
from orchestrator.wire.trials import Trial

_MOST_CAMPAIGNS = 50
_MOST_TRIALS = 60_000
"""Of all campaigns together: a trial with its evidence takes some ten kilobytes."""
_EVENTS_AT_ONCE = 1000


@dataclass(slots=True)
class _Entry:
    """One campaign's place; whoever brings it up to date holds the lock."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    followed: Followed | None = None

    @property
    def n_trials(self) -> int:
        return 0 if self.followed is None else len(self.followed.state.trials)


class CampaignCache:
    """Keeps the campaigns that were asked for lately. Safe for threads; each campaign has a lock of its own.

    ``get`` returns a campaign as of its last event. What it returns is shared and goes on growing: take ``state`` once and
    work with that. ``news`` gives events together with the trial each is about, from the same fold, so that an event stream
    folds nothing itself.
    """

    def __init__(self, workplace: Workplace, *, most_campaigns: int = _MOST_CAMPAIGNS, most_trials: int = _MOST_TRIALS) -> None:
        self._workplace = workplace
        self._most_campaigns = most_campaigns
        self._most_trials = most_trials
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, campaign: str, *, seq: int | None = None) -> Followed:
        """Return a campaign as of its last event.

        Args:
            campaign: Its exact id.
            seq: An event it must include; the ledger is not asked for more where that is already known.

        Raises:
            UnknownCampaign: If the ledger holds none of exactly that id.
        """
        entry = self._entry(campaign)
        known = entry.followed
        if known is not None and seq is not None and known.state.seq >= seq:
            return known
        with entry.lock:
            known = entry.followed
            followed = entry.followed = self._begun(campaign) if known is None else self._continued(known)
        if known is None:
            self._tidy()
        return followed

    def running_part(self, followed: Followed) -> Followed | None:
        """Return the part that a campaign over samples runs now, as of its last event; None before that began its own stream."""
        running = followed.state.parts.running
        try:
            return None if running is None else self.get(running.id)
        except UnknownCampaign:
            return None

    def news(self, campaign: str, events: tuple[LedgerEvent, ...]) -> tuple[tuple[LedgerEvent, Trial | None], ...]:
        """Return events with the trial each is about, as it stands now; what the event stream sends.

        Raises:
            UnknownCampaign: If the ledger holds none of exactly that id.
        """
        followed = self.get(campaign, seq=events[-1].seq if events else None)
        return tuple((event, _trial(followed, event)) for event in events)

    def _entry(self, campaign: str) -> _Entry:
        with self._lock:
            entry = self._entries.setdefault(campaign, _Entry())
            self._entries.move_to_end(campaign)
            return entry

    def _begun(self, campaign: str) -> Followed:
        first = self._workplace.ledger.read(campaign, limit=1)
        if not first:
            self._forget(campaign)
            raise self._workplace.unknown(campaign)
        return self._continued(Followed.begin(campaign, first[0], self._workplace.objectives(campaign)))

    def _continued(self, followed: Followed) -> Followed:
        """Bring a campaign up to date, some events at a time, so that a long one is never held twice in memory."""
        while events := self._workplace.ledger.read(followed.campaign, after=followed.state.seq, limit=_EVENTS_AT_ONCE):
            for event in events:
                followed.hear(event)
            if len(events) < _EVENTS_AT_ONCE:
                break
        return followed

    def _forget(self, campaign: str) -> None:
        """Keep no place for an id that does not exist: they would add up."""
        with self._lock:
            self._entries.pop(campaign, None)

    def _tidy(self) -> None:
        """Forget what was not asked for lately; whoever still works with it keeps a campaign of their own."""
        with self._lock:
            n_trials = sum(each.n_trials for each in self._entries.values())
            while len(self._entries) > 1 and (len(self._entries) > self._most_campaigns or n_trials > self._most_trials):
                _, forgotten = self._entries.popitem(last=False)
                n_trials -= forgotten.n_trials


def _trial(followed: Followed, event: LedgerEvent) -> Trial | None:
    number = trial_of(event.data)
    return None if number is None or number > len(followed.state.trials) else followed.trial(number)
