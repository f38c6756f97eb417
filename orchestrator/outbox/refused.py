"""What a target would not take: kept in files, a run each, until somebody has mended the target and asks that they be sent again.

A file lies in ``refused``, and in ``again`` while it is to be sent: who asks and who sends are two processes, and a rename is all
that passes between them.
"""

import contextlib
import os
import uuid
from collections.abc import Sequence
from pathlib import Path

from orchestrator.outbox.packing import Named, pack
from orchestrator.outbox.spooled import SUFFIX

REFUSED, AGAIN = "refused", "again"
_DECISIONS = ".decisions"


def keep_run(folder: Path, target: str, documents: Sequence[Named]) -> None:
    """Keep a run in the spool's own format."""
    uid = next((document["uid"] for name, document in documents if name == "start"), uuid.uuid4())
    _place(folder, REFUSED, f"{target.lower()}-{uid}{SUFFIX}").write_bytes(b"".join(pack(*named) for named in documents))


def keep_decisions(folder: Path, target: str) -> None:
    """Note that some of the campaign's decisions were refused; the ledger has them."""
    _place(folder, REFUSED, f"{target.lower()}{_DECISIONS}").touch()


def keep_again(path: Path) -> None:
    """Put back what was refused once more."""
    os.replace(path, _place(path.parent.parent, REFUSED, path.name))


def ask_again(folder: Path) -> int:
    """Have everything that was refused sent again; return how many files that are."""
    waiting = [path for path in _files(folder, REFUSED, "") if path.name.endswith((SUFFIX, _DECISIONS))]
    for path in waiting:
        os.replace(path, _place(folder, AGAIN, path.name))
    return len(waiting)


def next_again(folder: Path, target: str) -> Path | None:
    """Return what is to be sent again next; decisions come last, for they are sent anew from their beginning."""
    return min(_files(folder, AGAIN, target), key=lambda path: (is_decisions(path), path.name), default=None)


def decisions_again(folder: Path, target: str) -> Path | None:
    """Return the file that says that decisions are to be sent anew, if it is there."""
    path = folder / AGAIN / f"{target.lower()}{_DECISIONS}"
    return path if path.exists() else None


def is_decisions(path: Path) -> bool:
    return path.name.endswith(_DECISIONS)


def count_refused(folder: Path, target: str) -> int:
    """Return how many runs a target has refused and not taken since; its decisions count as one."""
    return len(_files(folder, REFUSED, target)) + count_again(folder, target)


def refused_runs(folder: Path, target: str) -> tuple[str, ...]:
    """Return the uids of the runs that a target has refused and not taken since, and ``decisions`` where those are among them."""
    files = (*_files(folder, REFUSED, target), *_files(folder, AGAIN, target))
    return tuple(path.name.removeprefix(f"{target.lower()}-").removesuffix(SUFFIX).removeprefix(f"{target.lower()}.") for path in files)


def count_again(folder: Path, target: str) -> int:
    """Return how many of them are to be sent again."""
    return len(_files(folder, AGAIN, target))


def _files(folder: Path, where: str, target: str) -> list[Path]:
    with contextlib.suppress(FileNotFoundError):
        return sorted(path for path in (folder / where).iterdir() if path.name.startswith(target.lower()))
    return []


def _place(folder: Path, where: str, name: str) -> Path:
    (folder / where).mkdir(exist_ok=True)
    return folder / where / name
