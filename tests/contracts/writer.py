"""A process that appends as fast as it can: ``python -m tests.contracts.writer URL LEASE STREAM ACTOR UNTIL``."""

import json
import sys

from orchestrator.domain.errors import SequenceConflict
from orchestrator.domain.events import Draft, NoteLeft
from orchestrator.domain.ports import Lease
from orchestrator.store.opening import open_ledger
from orchestrator.testing.fakes import EVENING


def write(url: str, lease: Lease, stream: str, actor: str, until: int) -> None:
    """Append until the stream has that many events; print each sequence number once it is durable."""
    ledger = open_ledger(url)
    seq = 0
    while seq < until:
        note = Draft(at=EVENING, actor=actor, data=NoteLeft(text="x" * 500))
        try:
            seq = ledger.append(stream, [note], expected_seq=seq, lease=lease)[0].seq
        except SequenceConflict:
            seq += len(ledger.read(stream, after=seq))
        else:
            sys.stdout.write(f"{seq}\n")
            sys.stdout.flush()
    ledger.close()


if __name__ == "__main__":
    write(sys.argv[1], Lease(**json.loads(sys.argv[2])), sys.argv[3], sys.argv[4], int(sys.argv[5]))
