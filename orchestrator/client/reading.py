"""What a client can ask."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from orchestrator.client.connection import Connection, path_of
from orchestrator.client.errors import RequestRefused
from orchestrator.domain.parts import is_part
from orchestrator.wire.campaigns import Campaign, Campaigns, CampaignStatus, LedgerEvents
from orchestrator.wire.instruments import Instrument, Instruments
from orchestrator.wire.overview import Fleet
from orchestrator.wire.problems import Problem
from orchestrator.wire.sessions import Session
from orchestrator.wire.trials import Best, Decision, Decisions, Explanation, ParetoFront, Posterior, Progress, Trial, TrialDetail, Trials
from orchestrator.wire.waiting import Awaited, AwaitedTrial

_PAGE = 500


class Reading:
    """Questions. Campaigns go by their exact id; ``find`` gives it."""

    _connection: Connection

    def session(self) -> Session:
        """Return who the server thinks we are."""
        return self._connection.get("/session", Session)

    def fleet(self) -> Fleet:
        return self._connection.get("/fleet", Fleet)

    def campaigns(self, *, status: str | None = None, name: str | None = None, parts: bool = False) -> Iterator[Campaign]:
        """Yield all campaigns, newest first; with ``parts``, also every sample's stages, of campaigns over samples."""
        cursor: str | None = None
        while True:
            page = self._connection.get("/campaigns", Campaigns, status=status, name=name, parts=parts or None, cursor=cursor, limit=_PAGE)
            yield from page.campaigns
            if page.next is None:
                return
            cursor = page.next

    def find(self, wanted: str) -> str:
        """Return a campaign's exact id from its id, a unique beginning of it, or ``last``.

        Raises:
            RequestRefused: If there is none, or more than one.
        """
        ids = [campaign.campaign for campaign in self.campaigns(parts=is_part(wanted))]
        if wanted in ids:
            return wanted
        matching = ids[:1] if wanted == "last" else [id for id in ids if id.startswith(wanted)]
        if len(matching) == 1:
            return matching[0]
        if matching:
            raise _unknown(f"{wanted!r} is the beginning of {len(matching)} campaigns: {', '.join(matching[:5])}; type more of it")
        raise _unknown(f"no campaign is called {wanted!r} at {self._connection.url}; see nightshift list")

    def status(self, campaign: str) -> CampaignStatus:
        """Return whether it succeeded, whether it runs, why not, and what it found."""
        return self._connection.get(path_of(campaign), CampaignStatus)

    def trials(self, campaign: str, *, after: int = 0) -> Iterator[Trial]:
        """Yield the trials with numbers above ``after``, in order."""
        following: int | None = after
        while following is not None:
            page = self._connection.get(f"{path_of(campaign)}/trials", Trials, after=following, limit=_PAGE)
            yield from page.trials
            following = page.next

    def decisions(self, campaign: str, *, after: int = 0) -> Iterator[Decision]:
        """Yield why each trial was suggested, in order."""
        following: int | None = after
        while following is not None:
            page = self._connection.get(f"{path_of(campaign)}/decisions", Decisions, after=following, limit=_PAGE)
            yield from page.decisions
            following = page.next

    def awaiting(self, campaign: str) -> tuple[AwaitedTrial, ...]:
        """Return the trials that wait for their analysis, in the order of measuring; ``score`` answers."""
        return self._connection.get(f"{path_of(campaign)}/awaiting", Awaited).trials

    def trial(self, campaign: str, trial: int) -> TrialDetail:
        return self._connection.get(f"{path_of(campaign)}/trials/{trial}", TrialDetail)

    def explanation(self, campaign: str, trial: int) -> str:
        """Return in plain sentences why a point was measured, and what came of it."""
        return self._connection.get(f"{path_of(campaign)}/trials/{trial}/explanation", Explanation).text

    def best(self, campaign: str, n: int = 5) -> Best:
        return self._connection.get(f"{path_of(campaign)}/best", Best, n=n)

    def pareto(self, campaign: str) -> ParetoFront:
        return self._connection.get(f"{path_of(campaign)}/pareto", ParetoFront)

    def progress(self, campaign: str) -> Progress:
        """Return best so far against the trial number."""
        return self._connection.get(f"{path_of(campaign)}/progress", Progress)

    def posterior(
        self,
        campaign: str,
        *,
        objective: str | None = None,
        x: str | None = None,
        y: str | None = None,
        n: int | None = None,
        trial: int | None = None,
    ) -> Posterior:
        """Return what the agent's model believed on a grid over one or two parameters, now or at a trial."""
        return self._connection.get(f"{path_of(campaign)}/posterior", Posterior, objective=objective, x=x, y=y, n=n, trial=trial)

    def report(self, campaign: str) -> str:
        """Return the report, HTML with its plots inside."""
        return self._connection.text(f"{path_of(campaign)}/report")

    def table(self, campaign: str) -> str:
        """Return the trials as CSV."""
        return self._connection.text(f"{path_of(campaign)}/table")

    def spec(self, campaign: str) -> str:
        """Return the campaign file as it was recorded, YAML."""
        return self._connection.text(f"{path_of(campaign)}/spec")

    def events(self, campaign: str, after: int = 0) -> Iterator[Mapping[str, Any]]:
        """Yield the raw ledger events with sequence numbers above ``after``, hashes and all."""
        following: int | None = after
        while following is not None:
            page = self._connection.get(f"{path_of(campaign)}/events", LedgerEvents, after=following, limit=_PAGE)
            yield from page.events
            following = page.next

    def audit(self, after: int = 0) -> Iterator[Mapping[str, Any]]:
        """Yield the system's own events: logins, refusals, keys. Takes an admin."""
        following: int | None = after
        while following is not None:
            page = self._connection.get("/audit", LedgerEvents, after=following, limit=_PAGE)
            yield from page.events
            following = page.next

    def instruments(self) -> tuple[Instrument, ...]:
        return self._connection.get("/instruments", Instruments).instruments

    def instrument(self, instrument: str) -> Instrument:
        """Return where an instrument stands this moment; the id is a status's ``instrument_id``."""
        return self._connection.get(f"/instruments/{quote(instrument, safe='')}", Instrument)


def _unknown(detail: str) -> RequestRefused:
    return RequestRefused(detail, Problem(type="/problems/unknown-campaign", title="Unknown campaign", status=404, detail=detail))
