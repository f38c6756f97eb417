"""Sends what is in the outbox: a process of its own, which may die and be started again at any moment."""

import contextlib
import fcntl
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import structlog

from orchestrator.domain.documents import DocumentPlaces
from orchestrator.outbox.post import Post, ReadRows
from orchestrator.outbox.standing import Trouble, campaigns_in, read_trouble, targets_in, trouble_file
from orchestrator.outbox.targets import Target, Unreachable, targets_of
from orchestrator.outbox.tidying import tidy

LOOK_SECONDS = 0.5
_TIDY_SECONDS = 10.0
PAUSES_SECONDS = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
"""After the first, second, … time that a target could not be reached; the last stands for all further ones."""

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Sender:
    """Everything in an outbox to one target, a campaign after the other."""

    outbox: Path
    target: Target
    read_rows: ReadRows
    heads: Callable[[], Mapping[str, int]]
    """Every campaign's last sequence number."""
    _posts: dict[str, Post] = field(default_factory=dict[str, Post])
    _since: datetime | None = None
    _n_failures: int = 0

    def __post_init__(self) -> None:
        if (trouble := read_trouble(self.outbox, self.target.name)) is not None:
            self._since, self._n_failures = trouble.since, 1  # as the sender before us left it

    @property
    def is_stuck(self) -> bool:
        """Whether the target could not be reached the last time."""
        return self._n_failures > 0

    def step(self) -> float:
        """Send a little of every campaign; return how many seconds to wait until the next step."""
        try:
            has_sent = self._send()
        except Unreachable as error:
            return self._note_trouble(str(error))
        if has_sent and self.is_stuck:
            self._note_health()
        return 0.0 if has_sent else LOOK_SECONDS

    def _send(self) -> bool:
        heads = self.heads()
        n_busy = sum(post.step(heads.get(post.campaign, 0)) for post in self._current())  # each has its turn
        return n_busy > 0

    def _current(self) -> list[Post]:
        folders = {campaign: self.outbox / campaign for campaign in campaigns_in(self.outbox)}
        self._posts = {campaign: post for campaign, post in self._posts.items() if campaign in folders}
        for campaign, folder in folders.items():
            if campaign not in self._posts and self.target.name in targets_in(folder):
                self._posts[campaign] = Post(folder, self.target, self.read_rows)
        return list(self._posts.values())

    def _note_trouble(self, reason: str) -> float:
        self._since = self._since or datetime.now(UTC)
        if not self.is_stuck:
            _log.warning("documents wait", target=self.target.name, reason=reason)
        trouble_file(self.outbox, self.target.name).write_text(
            Trouble(reason=reason, since=self._since).model_dump_json(), encoding="utf-8"
        )
        self._n_failures += 1
        return PAUSES_SECONDS[min(self._n_failures, len(PAUSES_SECONDS)) - 1]

    def _note_health(self) -> None:
        _log.info("documents go out again", target=self.target.name)
        trouble_file(self.outbox, self.target.name).unlink(missing_ok=True)
        self._since, self._n_failures = None, 0


@dataclass(slots=True)
class SenderThreads:
    """All senders of an outbox, side by side, so that one target's absence delays no other."""

    senders: Sequence[Sender]
    _is_over: threading.Event = field(default_factory=threading.Event)
    _is_last_round: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list[threading.Thread])

    def start(self) -> None:
        for sender in self.senders:
            thread = threading.Thread(target=self._work, args=(sender,), name=f"documents to {sender.target.name}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def finish(self, seconds: float) -> None:
        """Return once everything that can be sent has been, or the time is over."""
        self._is_last_round.set()
        for thread in self._threads:
            thread.join(seconds / len(self._threads))
        self._is_over.set()

    def _work(self, sender: Sender) -> None:
        while not self._is_over.is_set():
            pause = self._step(sender)
            if pause and self._is_last_round.is_set():
                return
            if pause:
                self._is_last_round.wait(pause)

    def _step(self, sender: Sender) -> float:
        try:
            return sender.step()
        except Exception as error:  # the thread's outer edge: a ledger that is away for a moment, a full disk
            _log.error("documents could not be sent", target=sender.target.name, error=f"{type(error).__name__}: {error}")
            return PAUSES_SECONDS[-2]


def send_until_told(
    places: DocumentPlaces, outbox: Path, read_rows: ReadRows, heads: Callable[[], Mapping[str, int]], told: Callable[[], float | None]
) -> None:
    """Send until told to finish within so many seconds, or, by None, to leave at once.

    Another sender of the same outbox goes first: this one waits until that ends.
    """
    _give_way()
    is_wanted_no_more = threading.Event()
    seconds: list[float] = []
    threading.Thread(target=_listen, args=(told, seconds, is_wanted_no_more), daemon=True).start()
    with alone(outbox, is_wanted_no_more) as has_lock:
        if not has_lock:
            return
        threads = SenderThreads([Sender(outbox, target, read_rows, heads) for target in targets_of(places)])
        threads.start()
        while not is_wanted_no_more.wait(_TIDY_SECONDS):
            tidy(outbox)
        if seconds:
            threads.finish(seconds[0])
        tidy(outbox)


def _listen(told: Callable[[], float | None], seconds: list[float], is_over: threading.Event) -> None:
    if (within := told()) is not None:
        seconds.append(within)
    is_over.set()


def _give_way() -> None:
    """Let whoever measures and thinks go first."""
    with contextlib.suppress(OSError):
        os.nice(10)


@contextmanager
def alone(outbox: Path, ended: threading.Event) -> Iterator[bool]:
    """Wait until nobody else sends from this outbox; False if it was no longer wanted before."""
    outbox.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(outbox / "sender.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        while not (has_lock := _locked(descriptor)) and not ended.wait(LOOK_SECONDS):
            pass
        yield has_lock
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
