"""The reference store: everything in this process, gone when it ends."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from orchestrator.domain.access import AccessRecords
from orchestrator.domain.errors import ArtefactMissing
from orchestrator.domain.events import GENESIS, Draft, LedgerEvent
from orchestrator.domain.ports import Command, Holder, Lease, Summary
from orchestrator.domain.records import ArtefactRef
from orchestrator.store import holders
from orchestrator.store.arrays import array_of, bytes_of, digest
from orchestrator.store.chain import ChainCheck, Row, event_of, seal
from orchestrator.store.leasing import Clock, LeaseRecord, lost, replacing, utc_now
from orchestrator.store.memory_access import MemoryAccess
from orchestrator.store.refusals import check_note_stream, check_summary, conflict
from orchestrator.store.upcasters import UPCASTERS, Upcaster


class MemoryLedger:
    """A ledger in memory. Rows are kept encoded, so that it refuses and returns just what the databases do."""

    def __init__(self, *, clock: Clock = utc_now, upcasters: Mapping[int, Upcaster] = UPCASTERS) -> None:
        self._clock = clock
        self._upcasters = upcasters
        self._lock = threading.RLock()
        self._rows: dict[str, list[Row]] = {}
        self._summaries: dict[str, Summary] = {}
        self._leases: dict[str, LeaseRecord] = {}
        self._commands: dict[int, Command] = {}
        self._done: set[int] = set()
        self.access: AccessRecords = MemoryAccess()

    def append(
        self, stream: str, drafts: Sequence[Draft], *, expected_seq: int, lease: Lease, summary: Summary | None = None
    ) -> tuple[LedgerEvent, ...]:
        check_summary(stream, summary)
        with self._lock:
            record = self._leases.get(lease.name)
            if record is None or not record.is_held_by(lease):
                raise lost(record, lease)
            seq = len(self._rows.get(stream, ()))
            if seq != expected_seq:
                raise conflict(stream, found=seq, expected=expected_seq)
            rows = self._store(stream, drafts, lease.token)
            self._project(stream, rows[-1], summary)
        return self._events(rows)

    def append_note(self, stream: str, draft: Draft) -> LedgerEvent:
        check_note_stream(stream)
        with self._lock:
            return self._events(self._store(stream, [draft], 0))[0]

    def _store(self, stream: str, drafts: Sequence[Draft], token: int) -> tuple[Row, ...]:
        stored = self._rows.get(stream, [])
        rows = seal(stream, drafts, after=len(stored), head=stored[-1]["hash"] if stored else GENESIS, token=token)
        self._rows.setdefault(stream, []).extend(rows)
        return rows

    def _project(self, stream: str, last: Row, summary: Summary | None) -> None:
        summary = summary or self._summaries.get(stream)
        if summary is not None:
            self._summaries[stream] = replace(summary, seq=last["seq"], head=last["hash"])

    def _events(self, rows: Sequence[Row]) -> tuple[LedgerEvent, ...]:
        return tuple(event_of(row, self._upcasters) for row in rows)

    def read(self, stream: str, *, after: int = 0, limit: int | None = None) -> tuple[LedgerEvent, ...]:
        with self._lock:
            rows = self._rows.get(stream, [])[max(after, 0) :]
        return self._events(rows[:limit])

    def read_stored(self, stream: str, *, after: int = 0, limit: int | None = None) -> tuple[Row, ...]:
        with self._lock:
            return tuple(self._rows.get(stream, [])[max(after, 0) :][:limit])

    def last_seq(self, stream: str) -> int:
        with self._lock:
            return len(self._rows.get(stream, ()))

    def heads(self) -> Mapping[str, int]:
        with self._lock:
            return {campaign: summary.seq for campaign, summary in self._summaries.items()}

    def streams(self) -> tuple[str, ...]:
        with self._lock:
            return tuple(sorted(self._rows))

    def summaries(self) -> tuple[Summary, ...]:
        with self._lock:
            return tuple(sorted(self._summaries.values(), key=lambda summary: (summary.created_at, summary.campaign), reverse=True))

    def summary(self, campaign: str) -> Summary | None:
        with self._lock:
            return self._summaries.get(campaign)

    def verify(self, stream: str, *, head: str | None = None) -> None:
        check = ChainCheck(stream, head)
        with self._lock:
            for row in self._rows.get(stream, []):
                check.see(row)
            summary = self._summaries.get(stream)
        check.finish(None if summary is None else (summary.seq, summary.head))

    def acquire(self, name: str, holder: Holder, *, ttl: float, take_over: bool = False) -> Lease:
        with self._lock:
            now = self._clock()
            record = self._leases.get(name, LeaseRecord(name))
            is_held_alive = record.holder is not None and holders.is_alive(record.holder)
            taken_from = replacing(record, holder, now=now, take_over=take_over, is_held_alive=is_held_alive)
            self._leases[name] = LeaseRecord(name, record.token + 1, holder, taken_from, now + timedelta(seconds=ttl))
            return self._leases[name].lease

    def renew(self, lease: Lease, *, ttl: float, holder: Holder | None = None) -> None:
        with self._lock:
            record = self._leases.get(lease.name)
            if record is None or not record.is_held_by(lease):
                raise lost(record, lease)
            expires_at = self._clock() + timedelta(seconds=ttl)
            self._leases[lease.name] = replace(record, holder=holder or record.holder, expires_at=expires_at)

    def release(self, lease: Lease) -> None:
        with self._lock:
            record = self._leases.get(lease.name)
            if record is not None and record.is_held_by(lease):
                self._leases[lease.name] = LeaseRecord(record.name, record.token)

    def holder(self, name: str) -> tuple[Holder, Lease, datetime] | None:
        with self._lock:
            record = self._leases.get(name)
        if record is None or record.holder is None or record.expires_at is None:
            return None
        return record.holder, record.lease, record.expires_at

    def send(self, command: Command) -> Command:
        with self._lock:
            sent = replace(command, id=len(self._commands) + 1)
            self._commands[sent.id] = sent
            return sent

    def commands(self, campaign: str) -> tuple[Command, ...]:
        with self._lock:
            return tuple(command for command in self._commands.values() if command.campaign == campaign and command.id not in self._done)

    def inbox(self) -> tuple[Command, ...]:
        with self._lock:
            return tuple(command for command in self._commands.values() if command.id not in self._done)

    def finish(self, command: Command) -> None:
        with self._lock:
            self._done.add(command.id)

    def close(self) -> None:
        """Nothing to give back."""


class MemoryArtefacts:
    """Artefacts in memory."""

    def __init__(self) -> None:
        self._contents: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:
        sha256 = digest(content)
        self._contents[sha256] = content
        return sha256

    def get(self, sha256: str) -> bytes:
        try:
            return self._contents[sha256]
        except KeyError:
            raise ArtefactMissing(f"artefact {sha256} is not in this process's memory; run again with a folder of artefacts") from None

    def put_array(self, array: np.ndarray) -> ArtefactRef:
        return ArtefactRef(sha256=self.put(bytes_of(array)), shape=array.shape)

    def get_array(self, ref: ArtefactRef) -> np.ndarray:
        return array_of(self.get(ref.sha256), ref)
