"""Writing a beamline's first site file."""

import os
from pathlib import Path
from typing import Any

from instruments.beamline.model import Source
from instruments.beamline.reading import read_site
from instruments.beamline.survey import Survey
from instruments.beamline.writing import site_text
from orchestrator.bootstrap.children import ask_profile
from orchestrator.domain.errors import BadInput
from orchestrator.settings import Settings

_SLACK_SECONDS = 30.0


def init_site(
    source: Source, path: Path | None, *, name: str, load_seconds: float, connect_seconds: float, replace: bool
) -> tuple[Path, Survey]:
    """Run a profile in a process of its own, and write what it offers, nothing of it allowed yet.

    Args:
        source: Where devices and plans come from.
        path: The file; None for where campaigns look for it.
        name: The beamline's.
        load_seconds: How long the profile may take to run.
        connect_seconds: How long its devices may take to connect; those that do not are listed all the same.
        replace: Whether an existing file may be written over.

    Raises:
        BadInput: If the file exists already.
        InstrumentError: If the profile raises or takes too long; names file and line.
    """
    path = Settings().site_file if path is None else path.expanduser().absolute()
    if path.exists() and not replace:
        raise BadInput(f"{path} exists; staff may have allowed things in it: give another --output, or --replace it")
    found = ask_profile(source, load_seconds, connect_seconds, Settings().data_folder, load_seconds + connect_seconds + _SLACK_SECONDS)
    _write(path, site_text(name, source, found))
    read_site(path)
    return path, found


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o644)  # whatever the umask: others who may write it could move the beamline
            file.write(text)
    except OSError as error:
        raise BadInput(f"{path}: cannot be written: {error.strerror}; give another --output") from None


def check_site(path: Path | None) -> tuple[Path, Any]:
    """Return what the site file allows. Raises SpecError if it cannot be used."""
    path = Settings().site_file if path is None else path.expanduser().absolute()
    return path, read_site(path)


def queueserver_in_words(site: Any) -> str | None:
    """Return how the site's queueserver stands, asked now; None where the site file names none."""
    if site.queueserver is None:
        return None
    from instruments.beamline.queued.watching import standing_in_words

    what = "takes the plans" if site.queueserver.submit else "must stay closed, for the profile is run here"
    return f"queueserver {site.queueserver.control} {what}: {standing_in_words(site.queueserver)}"
