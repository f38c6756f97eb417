"""Which instruments there are, found from the campaigns that run on them or did."""

from collections.abc import Iterator

from orchestrator.api.following import Followed
from orchestrator.api.services import Services
from orchestrator.api.shown.instruments import one_each, shown_instrument
from orchestrator.bootstrap.live import live_values
from orchestrator.domain.campaign import Status
from orchestrator.domain.errors import UnknownInstrument
from orchestrator.queries.instruments import instrument_id
from orchestrator.wire.instruments import Instrument

_MOST = 60
"""Campaigns looked at, latest first: instruments that none of them used are history."""


def all_instruments(services: Services) -> tuple[Instrument, ...]:
    """Return every instrument in use lately; one that is private to a campaign only while that is not over."""
    return tuple(instrument_of(services, followed) for followed in one_each(_lately(services)))


def campaign_on(services: Services, instrument: str) -> Followed:
    """Return the campaign that runs on an instrument, or did last.

    Raises:
        UnknownInstrument: If there is no such instrument.
    """
    for followed in _lately(services):
        if instrument_id(followed.state.instrument.identity, followed.campaign) == instrument:
            return followed
    if services.workplace.ledger.summary(instrument) is not None:
        return services.cache.get(instrument)  # private to a campaign that is over
    raise UnknownInstrument(f"no instrument is called {instrument!r}; GET /api/v1/instruments lists them")


def instrument_of(services: Services, followed: Followed) -> Instrument:
    """Return the instrument a campaign runs on."""
    found = services.workplace.ledger.holder(f"instrument:{followed.state.instrument.identity or f'private to {followed.campaign}'}")
    is_held = bool(services.runners.of(followed.campaign))
    live = live_values(services.workplace, followed.campaign) if is_held and followed.state.instrument.has_second_connection else None
    holder = None if found is None else (found[0], found[2])
    return shown_instrument(followed, holder=holder, is_held=is_held, live=live, now=services.now())


def _lately(services: Services) -> Iterator[Followed]:
    """Yield campaigns, those that are run first, then the latest first."""
    summaries = sorted(services.workplace.ledger.summaries(), key=lambda summary: summary.updated_at, reverse=True)[:_MOST]
    for summary in sorted(summaries, key=lambda summary: not services.runners.of(summary.campaign)):
        followed = services.cache.get(summary.campaign)
        is_over = summary.status in (Status.COMPLETED, Status.ABORTED)
        if followed.state.instrument.identity or not is_over:
            yield followed
