"""A folder in which an analysis answers: a file that has not changed from one look to the next is read.

Each answer becomes a command in the store before its file is moved away, so a crash in between sends it twice, and twice the
same is once.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from orchestrator.bootstrap.answer_files import SUFFIXES, Incomplete, read_answers
from orchestrator.bootstrap.answer_orders import AnswerDesk
from orchestrator.domain.errors import BadInput

_log = structlog.get_logger(__name__)

_PATIENCE_LOOKS = 10
"""So often a file that ends in the middle is looked at again before it is set aside."""

Signature = tuple[int, int]
"""Size and time of the last change."""


@dataclass(slots=True)
class AnswerFolder:
    """What is remembered between two looks."""

    folder: Path
    desk: AnswerDesk
    _seen: dict[str, tuple[Signature, int]] = field(default_factory=dict[str, tuple[Signature, int]])
    """By name: how a file looked, and at how many looks in a row."""
    _done: dict[str, Signature] = field(default_factory=dict[str, Signature])
    """Files that were dealt with and could not be moved away."""

    @property
    def place(self) -> str:
        return str(self.folder)

    def look(self) -> None:
        """Take the answers in every file that is complete. Raises OSError if the folder cannot be read."""
        with os.scandir(self.folder) as entries:
            names = sorted(entry.name for entry in entries if _is_answer(entry))
        self._seen = {name: seen for name, seen in self._seen.items() if name in names}
        for name in names:
            if self._is_settled(name):
                self._take(name)

    def _is_settled(self, name: str) -> bool:
        try:
            found = (self.folder / name).stat()
        except OSError:
            return False
        signature = (found.st_size, found.st_mtime_ns)
        before, n_looks = self._seen.get(name, (None, 0))
        self._seen[name] = (signature, n_looks + 1 if before == signature else 1)
        return before == signature and self._done.get(name) != signature

    def _take(self, name: str) -> None:
        try:
            answers = read_answers(self.folder / name)
            if any(answer.campaign != self.desk.campaign for answer in answers):
                return  # another campaign's runner watches the same folder
            orders = [self.desk.checked(name, answer) for answer in answers]
        except Incomplete as error:
            if self._seen[name][1] > _PATIENCE_LOOKS:
                self._refuse(name, str(error))
        except BadInput as error:
            self._refuse(name, str(error))
        except OSError as error:
            _log.warning("an answer could not be read", file=name, error=str(error))
        else:
            for order in orders:
                self.desk.send(order)
            self._put_away(name, "taken")

    def _refuse(self, name: str, reason: str) -> None:
        """Set a file aside with the reason beside it, and leave a note in the ledger; the folder tells of all."""
        self._put_away(name, "refused", reason)
        self.desk.refuse(name, f"file {name}", reason)

    def _put_away(self, name: str, where: str, reason: str = "") -> None:
        """Move a file out of the way, under a name that is free; one that cannot be moved is left, and not read again."""
        try:
            target = _free(self.folder / where, name)
            (self.folder / name).replace(target)
            if reason:
                target.with_name(f"{target.name}.reason.txt").write_text(f"{reason}\n", encoding="utf-8")
        except OSError as error:
            self._done[name] = self._seen[name][0]
            _log.warning("an answer could not be moved away", file=name, error=str(error))


def _is_answer(entry: "os.DirEntry[str]") -> bool:
    return not entry.name.startswith((".", "_")) and entry.name.lower().endswith(SUFFIXES) and entry.is_file()


def _free(folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    stem, suffix = Path(name).stem, Path(name).suffix
    n = 1
    while (target := folder / (name if n == 1 else f"{stem}.{n}{suffix}")).exists():
        n += 1
    return target
