"""Documents on their way out: whether a campaign's go anywhere, and the process that sends them."""

import contextlib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from orchestrator import plugins
from orchestrator.bootstrap import children
from orchestrator.bootstrap.workplace import Workplace
from orchestrator.domain.documents import DocumentPlaces
from orchestrator.domain.errors import BadInput, SpecError
from orchestrator.domain.spec import CampaignSpec
from orchestrator.outbox.refused import ask_again
from orchestrator.outbox.standing import FOLDER, Standing, begin, campaigns_in, standings
from orchestrator.processes import Child
from orchestrator.settings import Settings
from orchestrator.workers import FinishSending

FINISH_SECONDS = 20.0
"""How long the end of a run waits for documents that can be sent."""
_LEAVE_SECONDS = 2.0


def places() -> DocumentPlaces | None:
    """Return where the site wants documents to go; None where there is no site file, or it names nothing.

    Raises:
        SpecError: If the site file cannot be used.
    """
    path = Settings().site_file
    if not path.exists():
        return None
    from instruments.beamline.reading import read_site  # no command that needs no site file waits for it

    found = read_site(path).documents
    return found if found is not None and found.names else None


def places_of(workplace: Workplace, spec: CampaignSpec) -> DocumentPlaces | None:
    """Return where a campaign's documents go.

    A made-up instrument's go nowhere unless the site says so: then, a site file that cannot be used is no concern of it.

    Raises:
        SpecError: If the site file cannot be used, and the instrument is a real one.
    """
    if workplace.address in ("", "memory:"):
        return None
    is_made_up = getattr(plugins.load("instrument", spec.instrument.type), "is_made_up", False)
    try:
        found = places()
    except SpecError:
        if is_made_up:
            return None
        raise
    return None if found is None or (is_made_up and not found.simulated) else found


def spool_of(workplace: Workplace, campaign: str, found: DocumentPlaces | None) -> Path | None:
    """Return the folder that a campaign's documents wait in; None where they go nowhere."""
    return None if found is None else workplace.folder / FOLDER / campaign


@contextmanager
def sending(workplace: Workplace, campaign: str, found: DocumentPlaces | None, *, is_ours: bool = True) -> Iterator[None]:
    """Have a campaign's documents sent, from another process while the block runs, and at its end for a while what is left.

    Args:
        workplace: Where its ledger and its outbox are.
        campaign: Whose.
        found: Where they go.
        is_ours: Whether to start that process; a server has one for all its campaigns.
    """
    if found is not None:
        announce(workplace, campaign, found)
    if found is None or not is_ours:
        yield
        return
    sender = start(workplace, found)
    try:
        yield
    finally:
        finish(sender, FINISH_SECONDS)


def announce(workplace: Workplace, campaign: str, found: DocumentPlaces) -> None:
    """Let the sender know that a campaign's ledger, and its documents, are to be sent."""
    begin(workplace.folder / FOLDER, campaign, found.names)


def start(workplace: Workplace, found: DocumentPlaces) -> Child:
    return children.start_sender(found, workplace.folder / FOLDER, workplace.address)


def start_for(ledger: str | None, found: DocumentPlaces, log: int | None = None) -> Child:
    """Start the sender of all campaigns of a ledger; None for what the settings say."""
    settings = Settings() if ledger is None else Settings(ledger=ledger)
    return children.start_sender(found, settings.data_folder / FOLDER, settings.ledger, log)


def finish(sender: Child, seconds: float) -> None:
    """Have a sender finish, and end it."""
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        sender.connection.send(FinishSending(seconds))
        sender.process.wait(seconds + _LEAVE_SECONDS)
    sender.kill()


def resend(workplace: Workplace, campaign: str) -> int:
    """Have everything of a campaign that was refused sent again, by whoever sends; return how many runs that are.

    Raises:
        BadInput: If nothing was refused.
    """
    found = document_standings(workplace, campaign)
    if not any(standing.n_refused for standing in found):
        lost = "; what could not be kept was never on disk, and cannot be sent" if any(standing.n_lost for standing in found) else ""
        raise BadInput(f"nothing of {campaign} was refused{lost}; see nightshift documents")
    return ask_again(workplace.folder / FOLDER / campaign) + sum(standing.n_again for standing in found)


def configured() -> tuple[str, ...] | None:
    """Return the places that the site file names now; None where it cannot be read."""
    path = Settings().site_file
    try:
        found = path.stat()
    except OSError:  # another terminal may not know where it is
        return None
    return _configured(path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=4)
def _configured(_path: Path, _changed: int, _size: int) -> tuple[str, ...] | None:
    """Return the same, read once for each state of the file: a page asks every second."""
    try:
        found = places()
    except SpecError:
        return None
    return () if found is None else found.names


def document_standings(workplace: Workplace, campaign: str) -> tuple[Standing, ...]:
    """Return how far a campaign's documents have come; none where they go nowhere, or wait on another machine."""
    return standings(workplace.folder / FOLDER, campaign, workplace.ledger.last_seq(campaign), configured())


def documents_amiss(workplace: Workplace, campaign: str) -> tuple[str, ...]:
    """Return what of a campaign's documents is not where it belongs, in words; empty while all is well."""
    return tuple(str(standing) for standing in document_standings(workplace, campaign) if not standing.is_well)


def sent_campaigns(workplace: Workplace) -> tuple[str, ...]:
    """Return the campaigns whose documents go somewhere."""
    return campaigns_in(workplace.folder / FOLDER)
