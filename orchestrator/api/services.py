"""What every route works with, handed in from outside and kept at ``app.state.services``."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from orchestrator.api.cache import CampaignCache
from orchestrator.api.metrics.meters import Meters
from orchestrator.api.options import ServeOptions
from orchestrator.api.querying.queries import Queries
from orchestrator.api.runners import Runners
from orchestrator.api.streams.hub import Hub
from orchestrator.bootstrap import Workplace
from orchestrator.domain.access import AccessRecords


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Services:
    """What the routes share."""

    workplace: Workplace
    access: AccessRecords
    secret: bytes
    """Signs session cookies; the same for every API process of one ledger."""
    options: ServeOptions = field(default_factory=ServeOptions)
    now: Callable[[], datetime] = _now
    cache: CampaignCache = field(init=False)
    runners: Runners = field(init=False)
    queries: Queries = field(init=False)
    streams: Hub = field(default_factory=Hub)
    meters: Meters = field(default_factory=Meters)

    def __post_init__(self) -> None:
        object.__setattr__(self, "cache", CampaignCache(self.workplace))
        object.__setattr__(self, "runners", Runners(self.workplace))
        object.__setattr__(self, "queries", Queries(self.workplace.address))


def services_of(request: Request) -> Services:
    """Return what the application was built with."""
    return request.app.state.services


Given = Annotated[Services, Depends(services_of)]
