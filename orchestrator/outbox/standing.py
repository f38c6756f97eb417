"""How far documents have come, in words: what show, watch and doctor tell."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from orchestrator.domain.base import Moment, Value
from orchestrator.outbox.post import read_cursor
from orchestrator.outbox.spool import count_after

FOLDER = "outbox"


class Trouble(Value):
    """Why nothing goes to a target now."""

    reason: str
    since: Moment


@dataclass(frozen=True, slots=True)
class Standing:
    """One campaign and one target."""

    target: str
    n_behind: int
    """Documents and decisions that have not arrived."""
    since: datetime | None
    """Since when nothing arrives; None where all is well, or nobody sends."""
    reason: str = ""
    is_sending: bool = True
    n_refused: int = 0
    refusal: str = ""

    @property
    def is_well(self) -> bool:
        return not self.reason and not self.n_refused and (self.is_sending or not self.n_behind)

    def document(self) -> dict[str, Any]:
        """Return what programs read."""
        return {
            "target": self.target,
            "behind": self.n_behind,
            "since": None if self.since is None else self.since.isoformat(),
            "reason": self.reason,
            "refused": self.n_refused,
        }

    def __str__(self) -> str:
        return "; ".join((self._how_far(), *self._refused()))

    def _how_far(self) -> str:
        if self.reason:
            since = "" if self.since is None else f" since {self.since.astimezone():%H:%M}"
            return (
                f"{self.target} is behind by {_documents(self.n_behind)}{since}: {self.reason}; they are kept, and sent when it takes them"
            )
        if self.n_behind and not self.is_sending:
            return f"{self.target} lacks {_documents(self.n_behind)}, and nobody sends them now; run nightshift documents --send"
        return f"{self.target} has everything" if not self.n_behind else f"{self.target} is being sent {_documents(self.n_behind)}"

    def _refused(self) -> tuple[str, ...]:
        if not self.n_refused:
            return ()
        return (f"{self.target} refused {self.n_refused} of the runs ({self.refusal}), which are kept in the outbox's folder refused",)


def standings(outbox: Path, campaign: str, last_seq: int) -> tuple[Standing, ...]:
    """Return how far a campaign's documents have come, for each target that it goes to; none where it goes nowhere.

    Args:
        outbox: The data folder's.
        campaign: Its id.
        last_seq: Of its ledger.
    """
    folder = outbox / campaign
    return tuple(_standing(outbox, folder, target, last_seq) for target in targets_in(folder))


def _standing(outbox: Path, folder: Path, target: str, last_seq: int) -> Standing:
    cursor, trouble = read_cursor(folder, target), read_trouble(outbox, target)
    n_behind = count_after(folder, cursor.position) + max(0, last_seq - cursor.seq)
    is_sending = has_sender(outbox)
    if trouble is None or not n_behind or not is_sending:
        return Standing(target, n_behind, None, "", is_sending, cursor.n_refused, cursor.refusal)
    return Standing(target, n_behind, trouble.since, trouble.reason, is_sending, cursor.n_refused, cursor.refusal)


def begin(outbox: Path, campaign: str, targets: Sequence[str]) -> Path:
    """Make a campaign's folder in the outbox, from which the sender knows that its documents go somewhere; return it."""
    folder = outbox / campaign
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "targets.json").write_text(json.dumps(list(targets)), encoding="utf-8")
    return folder


def targets_in(folder: Path) -> tuple[str, ...]:
    try:
        return tuple(json.loads((folder / "targets.json").read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):
        return ()


def campaigns_in(outbox: Path) -> tuple[str, ...]:
    """Return the campaigns whose documents go somewhere."""
    try:
        return tuple(sorted(path.name for path in outbox.iterdir() if (path / "targets.json").exists()))
    except FileNotFoundError:
        return ()


def trouble_file(outbox: Path, target: str) -> Path:
    return outbox / f"{target.lower()}.trouble.json"


def read_trouble(outbox: Path, target: str) -> Trouble | None:
    try:
        return Trouble.model_validate_json(trouble_file(outbox, target).read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def has_sender(outbox: Path) -> bool:
    """Return whether a process of this machine sends from this outbox: it holds a lock for as long as it lives."""
    import fcntl

    try:
        descriptor = os.open(outbox / "sender.lock", os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _documents(n: int) -> str:
    return "1 document" if n == 1 else f"{n} documents"
