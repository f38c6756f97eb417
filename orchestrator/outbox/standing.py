"""How far documents have come, in words: what show, watch and doctor tell."""

import json
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from orchestrator.domain.base import Moment, Value
from orchestrator.outbox.losses import losses_in
from orchestrator.outbox.post import read_cursor
from orchestrator.outbox.refused import count_again
from orchestrator.outbox.spooled import count_after

FOLDER = "outbox"


class Trouble(Value):
    """Why nothing goes to a target now."""

    reason: str
    since: Moment

    def __str__(self) -> str:
        return f"since {self.since.astimezone():%H:%M}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Standing:
    """One campaign and one target."""

    target: str
    n_behind: int
    """Documents and decisions that have not arrived."""
    trouble: Trouble | None = None
    """Why nothing arrives, or did when it was last tried; None where all is well."""
    is_sending: bool = True
    n_refused: int = 0
    refusal: str = ""
    n_lost: int = 0
    """Runs whose documents could not be kept."""
    loss: str = ""
    n_again: int = 0
    """Of those refused: how many are to be sent again."""
    is_configured: bool = True
    """Whether the site file still names the target."""

    @property
    def is_well(self) -> bool:
        is_on_its_way = self.is_sending and self.is_configured
        return not (self.trouble or self.n_refused or self.n_lost) and (is_on_its_way or not self.n_behind)

    @property
    def is_odd(self) -> bool:
        """Whether something will not arrive by itself."""
        return bool(self.n_refused or self.n_lost or (self.n_behind and not self.is_configured))

    def document(self) -> dict[str, Any]:
        """Return what programs read."""
        return {
            "target": self.target,
            "behind": self.n_behind,
            "since": None if self.trouble is None else self.trouble.since.isoformat(),
            "reason": "" if self.trouble is None else self.trouble.reason,
            "refused": self.n_refused,
            "lost": self.n_lost,
            "configured": self.is_configured,
        }

    def __str__(self) -> str:
        return "; ".join((self._how_far(), *self._refused(), *self._lost()))

    def _how_far(self) -> str:
        waiting = _several(self.n_behind, "document")
        if not self.n_behind:
            return f"{self.target} has everything"
        if not self.is_configured:
            return f"{self.target} lacks {waiting}, and is no longer configured: name it in the site file, or delete them in the outbox"
        if not self.is_sending:
            why = "" if self.trouble is None else f" ({self.trouble})"
            return f"{self.target} lacks {waiting}{why}, and nobody sends them now; run nightshift documents --send"
        if self.trouble is not None:
            return f"{self.target} is behind by {waiting} {self.trouble}; they are kept, and sent when it takes them"
        return f"{self.target} is being sent {waiting}"

    def _refused(self) -> tuple[str, ...]:
        told: list[str] = []
        if n_kept := self.n_refused - self.n_again:
            way_out = "which are kept; once it is mended: nightshift documents --resend CAMPAIGN"
            told.append(f"{self.target} refused {_several(n_kept, 'run')} ({self.refusal}), {way_out}")
        if self.n_again:
            told.append(f"{_several(self.n_again, 'refused run')} will be offered to {self.target} again")
        return tuple(told)

    def _lost(self) -> tuple[str, ...]:
        if not self.n_lost:
            return ()
        why = f" ({self.loss})" if self.loss else ""
        return (f"{_several(self.n_lost, 'run')} could not be kept for it{why} and will be missing there; the ledger has the trials",)


def standings(outbox: Path, campaign: str, last_seq: int, configured: Collection[str] | None = None) -> tuple[Standing, ...]:
    """Return how far a campaign's documents have come, for each target that it goes to; none where it goes nowhere.

    Args:
        outbox: The data folder's.
        campaign: Its id.
        last_seq: Of its ledger.
        configured: What the site file names now; None where nobody knows.
    """
    found = (_standing(outbox, outbox / campaign, target, last_seq) for target in targets_in(outbox / campaign))
    return tuple(replace(one, is_configured=configured is None or one.target in configured) for one in found)


def _standing(outbox: Path, folder: Path, target: str, last_seq: int) -> Standing:
    cursor, is_sending = read_cursor(folder, target), has_sender(outbox)
    n_behind = count_after(folder, cursor.position) + max(0, last_seq - cursor.seq)
    trouble = read_trouble(outbox, target) if n_behind else None
    n_again = count_again(folder, target)
    return Standing(target, n_behind, trouble, is_sending, cursor.n_refused, cursor.refusal, *losses_in(folder), n_again)


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


def _several(n: int, what: str) -> str:
    return f"1 {what}" if n == 1 else f"{n} {what}s"
