"""Runs that were measured while their documents could not be kept: told to people, for the measurement went on."""

import contextlib
from pathlib import Path

FOLDER = "lost"


class Losses:
    """Notes them, a file each, named by the run; a disk that is full mostly still takes an empty one."""

    def __init__(self, spool: Path) -> None:
        self._folder = spool / FOLDER
        self._not_noted: dict[str, str] = {}

    def note(self, run: str, reason: str) -> None:
        """Note a run, now or, where that cannot be, with ``note_again``. Never raises."""
        self._not_noted[run] = reason
        self.note_again()

    def note_again(self) -> None:
        with contextlib.suppress(OSError):
            for run, reason in tuple(self._not_noted.items()):
                _note(self._folder / run, reason)
                del self._not_noted[run]


def _note(path: Path, reason: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    with contextlib.suppress(OSError):
        path.write_text(reason, encoding="utf-8")


def lost_runs(spool: Path) -> tuple[str, ...]:
    """Return the uids of the runs that were lost."""
    try:
        return tuple(sorted(path.name for path in (spool / FOLDER).iterdir()))
    except FileNotFoundError:
        return ()


def losses_in(spool: Path) -> tuple[int, str]:
    """Return how many runs were lost, and why the latest was; the reason is empty where not even that could be kept."""
    try:
        noted = sorted((spool / FOLDER).iterdir(), key=lambda path: path.stat().st_mtime)
    except FileNotFoundError:
        return 0, ""
    return len(noted), noted[-1].read_text(encoding="utf-8") if noted else ""
