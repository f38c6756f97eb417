"""Viewers with raw sockets, and a campaign written while they watch."""

import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from orchestrator.bootstrap import Workplace
from orchestrator.domain.events import Draft, LedgerEvent
from orchestrator.domain.ports import Lease, Summary
from orchestrator.store.holders import this_holder

SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Sent:
    """One server-sent event."""

    event: str
    data: str
    id: int | None = None


def parse(text: bytes) -> Iterator[Sent]:
    """Yield the events of a stream's bytes, which must be whole ones; chunk framing has been taken off."""
    for block in text.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines())
        if "event" in fields:
            yield Sent(fields["event"], fields["data"], int(fields["id"]) if "id" in fields else None)


@dataclass
class Viewer:
    """One connection to a stream."""

    url: str
    key: str
    path: str
    last_event_id: int | None = None
    receive_buffer: int | None = None
    connection: socket.socket = field(init=False)
    received: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        address = urlsplit(self.url)
        self.connection = socket.socket()
        if self.receive_buffer is not None:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_buffer)
        self.connection.settimeout(SECONDS)
        self.connection.connect((address.hostname, address.port))
        resuming = "" if self.last_event_id is None else f"Last-Event-ID: {self.last_event_id}\r\n"
        head = f"GET {self.path} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {self.key}\r\n{resuming}\r\n"
        self.connection.sendall(head.encode())

    def take(self) -> bool:
        """Receive once; return whether the stream is still open."""
        received = self.connection.recv(1 << 16)
        self.received += received
        return bool(received) and not self.received.endswith(b"\r\n0\r\n\r\n")

    @property
    def events(self) -> list[Sent]:
        """Return what came so far, without half a last event."""
        head, _, body = bytes(self.received).partition(b"\r\n\r\n")
        assert not head or b" 200 " in head.splitlines()[0], head
        whole, _, _ = _unchunked(body).rpartition(b"\n\n")
        return list(parse(whole))

    @property
    def seqs(self) -> list[int]:
        return [event.id for event in self.events if event.event == "ledger" and event.id is not None]

    def read_until(self, last: int) -> list[int]:
        """Receive until the event with that number is here; return all numbers, in the order they came."""
        mark = f"id: {last}\n".encode()
        deadline = time.monotonic() + SECONDS
        while mark not in self.received:
            assert time.monotonic() < deadline, f"event {last} did not come; the last was {self.seqs[-1:]}"
            assert self.take(), f"the stream ended before event {last}"
        while last not in self.seqs:
            self.take()
        return self.seqs

    def close(self) -> None:
        self.connection.close()


def _unchunked(body: bytes) -> bytes:
    content = bytearray()
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size or b"0", 16)
        if length == 0:
            break
        content += rest[:length]
        body = rest[length + 2 :]
    return bytes(content)


class Writer:
    """Appends a campaign's events as its engine would, a few at a time."""

    def __init__(self, workplace: Workplace, campaign: str, events: Sequence[LedgerEvent]) -> None:
        self._workplace = workplace
        self._campaign = campaign
        self._events = events
        self._lease: Lease = workplace.ledger.acquire(f"campaign:{campaign}", this_holder(), ttl=600.0)
        self.n_written = 0

    def write(self, n: int) -> int:
        """Append the next events in one transaction; return the last one's number."""
        events = self._events[self.n_written : self.n_written + n]
        if not events:
            return self.n_written
        drafts = [Draft(at=event.at, actor=event.actor, data=event.data) for event in events]
        self._workplace.ledger.append(
            self._campaign, drafts, expected_seq=self.n_written, lease=self._lease, summary=self._summary(events[-1])
        )
        self.n_written += len(events)
        return self.n_written

    def release_after(self, n: int) -> None:
        """Append the first events and let another writer go on."""
        self.write(n)
        self._workplace.ledger.release(self._lease)

    def write_all(self, at_once: int = 5, pause: float = 0.0) -> None:
        while self.n_written < len(self._events):
            self.write(at_once)
            time.sleep(pause)

    def _summary(self, last: LedgerEvent) -> Summary:
        return Summary(
            campaign=self._campaign,
            name="streamed",
            status="running",
            trials=0,
            best_point=None,
            best_score=None,
            seq=last.seq,
            head=last.hash,
            created_at=self._events[0].at,
            updated_at=last.at,
        )
