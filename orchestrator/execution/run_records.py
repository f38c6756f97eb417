"""The instrument process's own durable record of which attempts began and which finished.

A start in the ledger says that a motion was intended. Whether it happened is known only here: an attempt without a
``begun`` line moved nothing; one with a ``done`` line is finished and must be adopted, never repeated.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from orchestrator.domain.records import Observation


@dataclass(frozen=True, slots=True)
class Fate:
    """What is known of one attempt."""

    has_begun: bool = False
    observation: Observation | None = None


class RunRecords:
    """An append-only file of JSON lines, one file per campaign."""

    def __init__(self, folder: Path, campaign: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{campaign}.jsonl"
        self._file = self._path.open("ab", buffering=0)

    def begin(self, attempt_id: str) -> None:
        """Record, durably, that the attempt is about to move something."""
        self._write({"attempt": attempt_id, "what": "begun"})
        os.fdatasync(self._file.fileno())

    def finish(self, attempt_id: str, observation: Observation) -> None:
        """Record the finished run.

        Not synced: if power fails before the line reaches the disk, the attempt counts as begun and unknown, which is safe.
        """
        self._write({"attempt": attempt_id, "what": "done", "observation": observation.model_dump(mode="json")})

    def fate(self, attempt_id: str) -> Fate:
        """Return what became of an attempt, reading the file from its beginning."""
        fate = Fate()
        for line in self._path.read_bytes().splitlines():
            record = _parse(line)
            if record is None or record.get("attempt") != attempt_id:
                continue
            if record["what"] == "done":
                return Fate(has_begun=True, observation=Observation.model_validate(record["observation"]))
            fate = Fate(has_begun=True)
        return fate

    def close(self) -> None:
        self._file.close()

    def _write(self, record: dict[str, object]) -> None:
        """Append one line in one system call; a torn line left by a crash is closed by the newline in front."""
        self._file.write(b"\n" + json.dumps(record, separators=(",", ":")).encode() + b"\n")


def _parse(line: bytes) -> dict[str, object] | None:
    """Return a record, or None for an empty or torn line."""
    try:
        return json.loads(line) if line else None
    except ValueError:
        return None
