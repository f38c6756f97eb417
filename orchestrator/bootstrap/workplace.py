"""Where a person's campaigns live: the ledger, and the folder of artefacts and run records beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import make_url

from orchestrator.domain.access import AccessRecords
from orchestrator.domain.errors import UnknownCampaign
from orchestrator.domain.events import CampaignCreated
from orchestrator.domain.ports import Artefacts, Ledger
from orchestrator.domain.records import Objective
from orchestrator.execution.frames.reader import FrameReader
from orchestrator.settings import Settings
from orchestrator.store.artefacts import FolderArtefacts
from orchestrator.store.opening import open_ledger
from orchestrator.telemetry import log_to_stderr


@dataclass(frozen=True, slots=True)
class Workplace:
    """An open ledger and its folder."""

    ledger: Ledger
    artefacts: Artefacts
    folder: Path
    url: str
    """For people: without a password."""
    address: str = field(default="", repr=False)
    """What another process opens it by, password included."""
    frames: FrameReader = field(default_factory=FrameReader, repr=False)
    """Reads what detectors wrote into files; its process starts when it is first needed."""

    def unknown(self, campaign: str) -> UnknownCampaign:
        """Return the refusal of an id that the ledger does not hold. It goes to callers who need not know where that is."""
        return UnknownCampaign(f"no campaign is called {campaign!r} here; see nightshift list, or GET /api/v1/campaigns")

    @property
    def access(self) -> AccessRecords:
        """Keys, login links and remembered answers, kept beside the ledger."""
        return self.ledger.access

    def objectives(self, campaign: str) -> tuple[Objective, ...]:
        """Return what a recorded campaign optimises.

        Raises:
            UnknownCampaign: If the ledger has no such campaign.
        """
        first = self.ledger.read(campaign, limit=1)
        if not first or not isinstance(first[0].data, CampaignCreated):
            raise self.unknown(campaign)
        from orchestrator.bootstrap.rewarding import build_rewards
        from orchestrator.engine.scoring import Judge

        return Judge(build_rewards(first[0].data.spec), self.artefacts).objectives()


@contextmanager
def open_workplace(url: str | None = None, *, read_only: bool = False) -> Iterator[Workplace]:
    """Open the ledger at a SQLAlchemy URL, or the person's own.

    Args:
        url: Where the ledger is; None for what the settings say.
        read_only: Open it without ever writing, as on a replica.

    Raises:
        LedgerUnusable: If it cannot be opened or written; names the way out.
    """
    log_to_stderr()
    settings = Settings() if url is None else Settings(ledger=url)
    ledger, frames = open_ledger(settings.ledger, read_only=read_only), FrameReader()
    try:
        artefacts = FolderArtefacts(settings.data_folder / "artefacts")
        yield Workplace(ledger, artefacts, settings.data_folder, _shown(settings.ledger), settings.ledger, frames)
    finally:
        frames.close()
        ledger.close()


def _shown(url: str) -> str:
    return url if url == "memory:" else make_url(url).render_as_string(hide_password=True)
