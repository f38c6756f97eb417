"""What every route works with, handed in from outside and kept at ``app.state.services``."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from orchestrator.api.cache import CampaignCache
from orchestrator.bootstrap import Workplace
from orchestrator.domain.access import AccessRecords


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """How this server was started."""

    read_only: bool = False
    """Refuse every command, and write nothing to the ledger."""
    is_https: bool = False
    """Whether browsers reach it over TLS, its own or a proxy's: cookies are then marked secure."""
    origins: tuple[str, ...] = ()
    """Addresses the dashboard is opened under, such as ``https://beamline.example``; the own address always counts."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses whose sign-on header is believed."""
    proxy_user_header: str = ""
    """The header in which a trusted proxy names who signed on; empty for none."""
    proxy_role: str = "observer"
    """What somebody a proxy vouches for may do."""


@dataclass(frozen=True, slots=True)
class Services:
    """What the routes share."""

    workplace: Workplace
    access: AccessRecords
    secret: bytes
    """Signs session cookies; the same for every API process of one ledger."""
    options: ServeOptions = ServeOptions()
    now: Callable[[], datetime] = _now
    cache: CampaignCache = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "cache", CampaignCache(self.workplace))


def services_of(request: Request) -> Services:
    """Return what the application was built with."""
    return request.app.state.services


Given = Annotated[Services, Depends(services_of)]
