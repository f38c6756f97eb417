"""What the supervisor tells its children, and what it hears from them."""

from dataclasses import dataclass
from typing import Literal

from orchestrator.api.options import ServeOptions


@dataclass(frozen=True, slots=True)
class ApiSetup:
    """What the API's process serves, and where."""

    ledger: str | None
    """A SQLAlchemy URL; None for what the settings say."""
    descriptor: int
    """The listening socket, which the supervisor keeps open: the port outlives any one API process."""
    options: ServeOptions
    certificate: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class EngineSetup:
    """Which campaign an engine drives."""

    ledger: str | None
    campaign: str
    because: str = ""
    """Why this runner goes on, as the ledger will say it."""
    writes_report: bool = False
    """Whether to write the report at the end; a page makes one whenever somebody wants it."""


@dataclass(frozen=True, slots=True)
class AlertsSetup:
    """What the alerts' process watches."""

    ledger: str | None
    page: str
    """Where browsers reach the dashboard, for links."""


@dataclass(frozen=True, slots=True)
class StopNow:
    """To an engine: stop the campaign safely and end."""


@dataclass(frozen=True, slots=True)
class Ended:
    """An engine's last word. One that was killed says none."""

    how: Literal["done", "refused", "failed", "taken over"]
    """``done``: in good order, whatever the outcome. ``refused``: it did not begin. ``taken over``: by another runner."""
    text: str
