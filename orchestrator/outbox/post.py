"""One campaign's way to one target: what was sent, what is next, and what would not be taken."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import structlog
from pydantic import ValidationError

from orchestrator.domain.base import Moment, Value
from orchestrator.outbox import refused
from orchestrator.outbox.decisions import StoredRow, has_final
from orchestrator.outbox.packing import Named
from orchestrator.outbox.runs import Parcel, RunReader
from orchestrator.outbox.spooled import Position, documents_of
from orchestrator.outbox.targets import Decisions, Target, Unreachable

MOST_EVENTS = 500
"""Ledger events sent at once."""
_TRIES = 3
"""So often documents are offered to a target that is there and will not have them."""

_log = structlog.get_logger(__name__)

ReadRows = Callable[[str, int, int], Sequence[StoredRow]]
"""Campaign, sequence number after which, most → a campaign's stored events."""


class Cursor(Value):
    """How far a campaign's documents have come, kept on disk."""

    file: int = 0
    offset: int = 0
    """In the spool."""
    seq: int = 0
    """In the ledger."""
    n_refused: int = 0
    """Runs that the target would not take, kept in files of their own; its decisions count as one."""
    refusal: str = ""
    """Why, the last time."""
    is_over: bool = False
    """Whether the campaign's end has gone out; nothing is measured after it."""
    sent_at: Moment | None = None

    @property
    def position(self) -> Position:
        return Position(self.file, self.offset)


def cursor_file(folder: Path, target: str) -> Path:
    return folder / f"{target.lower()}.json"


def read_cursor(folder: Path, target: str) -> Cursor:
    """Return how far a campaign has come; at its beginning if nobody knows, for twice is better than never."""
    try:
        return Cursor.model_validate_json(cursor_file(folder, target).read_bytes())
    except (FileNotFoundError, ValidationError):
        return Cursor()


@dataclass(slots=True)
class Post:
    """Sends in order; what is not taken is set aside and does not stop what follows."""

    folder: Path
    """The campaign's in the outbox; its name is the campaign's id."""
    target: Target
    read_rows: ReadRows
    cursor: Cursor = field(init=False)
    _reader: RunReader = field(init=False)
    _parcel: Parcel | None = None
    _n_tries: int = 0
    _first: StoredRow | None = None
    _is_sure: bool = False
    """Whether this process knows what of the decisions has arrived."""

    def __post_init__(self) -> None:
        self.cursor = read_cursor(self.folder, self.target.name)
        self._reader = RunReader(self.folder, self.cursor.position)

    @property
    def campaign(self) -> str:
        return self.folder.name

    def step(self, last_seq: int) -> bool:
        """Send what is next; return whether there was anything.

        Args:
            last_seq: Of the campaign's ledger.

        Raises:
            Unreachable: If the target is.
        """
        was_decided = last_seq > self.cursor.seq and self._send_decisions()
        was_asked = self._send_again()
        return self._send_run() or was_decided or was_asked

    def _send_decisions(self) -> bool:
        rows = self.read_rows(self.campaign, self.cursor.seq, MOST_EVENTS)
        if not rows:
            return False
        self._first = self._first or self.read_rows(self.campaign, 0, 1)[0]
        anew = None if self.cursor.seq else refused.decisions_again(self.folder, self.target.name)
        decisions = Decisions(self._first, rows, is_begun=not self._is_sure, is_anew=anew is not None)
        self._is_sure = False
        self._offer(lambda: self.target.send_decisions(decisions), lambda error: self._set_rows_aside(rows, error))
        self._is_sure = True
        self._advance(seq=rows[-1]["seq"], is_over=self.cursor.is_over or has_final(rows))
        if anew is not None:
            anew.unlink(missing_ok=True)
            self._count_refused()
        return True

    def _send_run(self) -> bool:
        parcel = self._parcel = self._parcel or self._reader.next()
        if parcel is None:
            self._pass_over()
            return False
        self._offer(lambda: self.target.send_run(parcel.documents), lambda error: self._set_aside(parcel.documents, error))
        self._parcel = None
        self._advance(file=parcel.end.file, offset=parcel.end.offset)
        return True

    def _send_again(self) -> bool:
        """Send something that was refused once, if somebody asked for it."""
        if (path := refused.next_again(self.folder, self.target.name)) is None:
            return False
        if refused.is_decisions(path):
            if self.cursor.seq == 0:
                return False  # they are sent by a step that finds the ledger
            self._advance(seq=0)
            return True
        self._offer(lambda: self.target.send_run(tuple(documents_of(path))), lambda error: self._set_aside_again(path, error))
        path.unlink(missing_ok=True)
        self._count_refused()
        return True

    def _pass_over(self) -> None:
        """Note that a file is over, so that it can be deleted."""
        position = self._reader.position
        if self._reader.is_between_runs and position > self.cursor.position:
            self._advance(file=position.file, offset=position.offset)

    def _offer(self, send: Callable[[], None], set_aside: Callable[[Exception], None]) -> None:
        """Send, or count another try; after the last one, set it aside."""
        try:
            send()
        except Unreachable:
            raise
        except Exception as error:  # whatever a client raises over documents that it cannot cope with
            self._n_tries += 1
            _log.warning("documents were not taken", target=self.target.name, campaign=self.campaign, tries=self._n_tries, error=str(error))
            if self._n_tries < _TRIES:
                raise Unreachable(f"it does not take a run ({_short(error)}); trying again") from error
            set_aside(error)
        self._n_tries = 0

    def _set_aside(self, documents: Sequence[Named], error: Exception) -> None:
        refused.keep_run(self.folder, self.target.name, documents)
        self._count_refused(_short(error))

    def _set_aside_again(self, path: Path, error: Exception) -> None:
        refused.keep_again(path)
        self._count_refused(_short(error))

    def _set_rows_aside(self, rows: Sequence[StoredRow], error: Exception) -> None:
        """Say that decisions are not taken; the ledger has them."""
        refused.keep_decisions(self.folder, self.target.name)
        self._count_refused(f"decisions {rows[0]['seq']} to {rows[-1]['seq']}: {_short(error)}")

    def _count_refused(self, why: str | None = None) -> None:
        n_refused = refused.count_refused(self.folder, self.target.name)
        self._advance(n_refused=n_refused, refusal=(self.cursor.refusal if why is None else why) if n_refused else "")

    def _advance(self, **changes: object) -> None:
        self.cursor = self.cursor.model_copy(update={**changes, "sent_at": datetime.now(UTC)})
        path = cursor_file(self.folder, self.target.name)
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_text(self.cursor.model_dump_json(), encoding="utf-8")
        os.replace(unfinished, path)


def _short(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
