"""The start page's stream: looked at anew when a ledger grew, and now and then because a runner may have died."""

import time
from collections.abc import Mapping

from orchestrator.api.routes.fleet import fleet_of
from orchestrator.api.services import Services
from orchestrator.api.streams.feeds import LatestFeed
from orchestrator.wire.overview import Fleet

_SECONDS = 0.5
_QUIET_SECONDS = 2.0


class FleetSource:
    """Reads all campaigns at a glance; called in threads."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._heads: Mapping[str, int] | None = None
        self._looked_at = float("-inf")

    def read(self) -> Fleet | None:
        """Return the fleet, or None while nothing can have changed."""
        heads = self._services.workplace.ledger.heads()
        if heads == self._heads and time.monotonic() - self._looked_at < _QUIET_SECONDS:
            return None
        self._heads, self._looked_at = heads, time.monotonic()
        return fleet_of(self._services)


def fleet_feed(services: Services) -> LatestFeed[Fleet]:
    """Return the feed of the start page."""
    return LatestFeed("fleet", FleetSource(services).read, _SECONDS, news=_without_clocks)


def _without_clocks(fleet: Fleet) -> object:
    campaigns = tuple(each.model_copy(update={"estimated_end": None}) for each in fleet.campaigns)
    return fleet.model_copy(update={"now": None, "campaigns": campaigns})
