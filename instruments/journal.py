"""An append-only record of device actions, kept outside the process that acts.

It exists to check Nightshift against: after a kill, the ledger is compared with what the devices were really asked to
do. Each line is on the disk before the action it names goes on.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestrator.domain.errors import InstrumentError


class Journal:
    """One JSON line per device action, written with fsync; without a path it writes nothing.

    Several processes may append to one file: a line is a single write to a descriptor in append mode.
    """

    def __init__(self, path: Path | str | None = None) -> None:
        self._path = None if path is None else Path(path)
        self._descriptor: int | None = None

    def write(self, what: str, **fields: Any) -> None:
        """Append ``{"what": what, **fields}`` and wait until it is on the disk.

        Raises:
            InstrumentError: If the file cannot be opened or written.
        """
        if self._path is None:
            return
        line = json.dumps({"what": what, **fields}) + "\n"
        try:
            os.write(self._opened(self._path), line.encode())
            os.fsync(self._opened(self._path))
        except OSError as error:
            raise InstrumentError(f"journal {self._path}: {error.strerror}; choose a writable file or leave journal out") from None

    def close(self) -> None:
        """Close the file; the next write opens it again."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _opened(self, path: Path) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        return self._descriptor


def read_journal(path: Path | str) -> list[Mapping[str, Any]]:
    """Return the journal's lines in order; empty when there is no such file.

    A last line without its newline was never acknowledged and is left out.

    Raises:
        InstrumentError: If a finished line is not JSON.
    """
    if not Path(path).exists():
        return []
    *finished, _torn = Path(path).read_text(encoding="utf-8").split("\n")
    return [_parsed(path, number, line) for number, line in enumerate(finished, start=1)]


def _parsed(path: Path | str, number: int, line: str) -> Mapping[str, Any]:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise InstrumentError(f"journal {path}, line {number}: {line[:80]!r} is not JSON ({error.msg}); the file was edited") from None
