"""The alerts in a process of their own: drawing pictures and waiting for mail servers must not slow the API down.

The supervisor starts it, as the role ``alerts``, where ``alerts.yaml`` names anybody to tell; ``serve_alerts`` does the same in this
process and needs no supervisor.
"""

from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from orchestrator import alerts, bootstrap
from orchestrator.alerts import AlertSettings, Surroundings
from orchestrator.alerts.delivery import require_known
from orchestrator.bootstrap import Workplace
from orchestrator.execution.frames.reader import FrameReader
from orchestrator.serving.orphans import hear_supervisor
from orchestrator.serving.setups import AlertsSetup
from orchestrator.settings import Settings

_PICTURE_SECONDS = 5.0
"""How long a detector's file may take to be read: an alert goes out without its picture rather than late."""


def alert_settings(ledger: str | None) -> AlertSettings:
    """Return whom to tell of a ledger's campaigns.

    Raises:
        BadInput: If the file cannot be read, or says something that means nothing.
    """
    return alerts.load_alerts(alerts_file(ledger))


def alerts_file(ledger: str | None) -> Path:
    """Return where the settings are; there need not be any."""
    return (Settings() if ledger is None else Settings(ledger=ledger)).alerts_file


def serve(setup: AlertsSetup, connection: Connection) -> None:
    """Watch until the supervisor ends this process, or is gone."""
    hear_supervisor(connection)
    serve_alerts(setup.ledger, setup.page)


def serve_alerts(ledger_url: str | None, page_url: str) -> None:
    """Watch the campaigns of a ledger and tell people, for ever.

    Args:
        ledger_url: A SQLAlchemy URL; None for what the settings say.
        page_url: Where browsers reach the dashboard, unless the settings say better.
    """
    settings = alert_settings(ledger_url)
    require_known(settings.targets)
    with bootstrap.open_workplace(ledger_url) as place:
        alerts.watch(surroundings_of(place), settings if settings.page else settings.model_copy(update={"page": page_url}))


def surroundings_of(place: Workplace) -> Surroundings:
    """Return what the watch sees of a workplace."""
    return Surroundings(
        ledger=place.ledger,
        artefacts=place.artefacts,
        objectives=place.objectives,
        has_runner=lambda campaign: bootstrap.has_runner(place, campaign),
        now=lambda: datetime.now(UTC),
        frames=FrameReader(read_s=_PICTURE_SECONDS),
    )
