"""Where a campaign's sentinel is heard: a socket in a folder that only its owner may enter."""

import hashlib
import os
import tempfile
from pathlib import Path

from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.parts import whole_of

_LONGEST = 100
"""Bytes; the system's limit for a socket's path is 104 or 108."""


def address_of(folder: Path, campaign: str) -> Path:
    """Return the socket of a campaign's sentinel.

    Args:
        folder: Where run records and artefacts lie; when that is too deep for a socket, the path lies in the system's
            folder for temporary files.
        campaign: Its id; a part is watched by its whole's sentinel.
    """
    campaign = whole_of(campaign)
    near = folder / "run" / f"{_short(campaign)}.sock"
    if len(os.fsencode(near)) <= _LONGEST:
        return near
    return Path(tempfile.gettempdir()) / f"nightshift-{os.getuid()}" / f"{_short(f'{folder}/{campaign}')}.sock"


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def prepare(address: Path) -> None:
    """Make the folder, private, and remove a socket that an earlier sentinel left.

    Raises:
        InstrumentError: If the folder belongs to somebody else.
    """
    folder = address.parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.stat().st_uid != os.getuid():
        raise InstrumentError(
            f"{folder} belongs to user {folder.stat().st_uid}, not to you; remove it, or set NIGHTSHIFT_DATA to another folder"
        )
    folder.chmod(0o700)
    address.unlink(missing_ok=True)
