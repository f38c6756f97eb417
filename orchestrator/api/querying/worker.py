"""A child process that answers one question at a time, and the answers it gave lately."""

import contextlib
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from orchestrator.api.querying.questions import Answer, QuerySetup, Question
from orchestrator.domain.errors import NightshiftError, Overloaded
from orchestrator.processes import Child, spawn

_ONE_THREAD: Mapping[str, str] = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
_ENTRY = "orchestrator.api.querying.process"
_MOST_WAITING = 8
"""Requests that may wait for their turn; each keeps a thread of the API busy."""


def start_query_worker(address: str) -> Child:
    """Start a process that reads this ledger."""
    child = spawn("query", _ONE_THREAD, entry=_ENTRY)
    child.connection.send(QuerySetup(address))
    return child


class QueryWorker:
    """Starts its process when first asked, and again when it has died. Safe for threads; equal questions are answered once."""

    def __init__(self, start: Callable[[], Child], *, patience: float, n_kept: int) -> None:
        """Prepare to answer.

        Args:
            start: Starts the process.
            patience: Seconds an answer may take, and seconds to wait for one's turn.
            n_kept: Answers that are kept.
        """
        self._start = start
        self._patience = patience
        self._n_kept = n_kept
        self._kept: OrderedDict[Question, Answer] = OrderedDict()
        self._keeping = threading.Lock()
        self._turn = threading.Lock()
        self._seats = threading.BoundedSemaphore(_MOST_WAITING)
        self._children: list[Child] = []
        weakref.finalize(self, _end, self._children)

    def ask(self, question: Question) -> Answer:
        """Return the answer.

        Raises:
            Overloaded: If it takes too long, or too many wait already.
            NightshiftError: What the worker found wrong.
        """
        known = self._known(question)
        if known is not None:
            return known
        with self._own_turn():
            known = self._known(question)
            return self._keep(question, self._fresh(question)) if known is None else known

    def close(self) -> None:
        """End the process; the next question starts another."""
        with self._turn:
            _end(self._children)

    @contextmanager
    def _own_turn(self) -> Iterator[None]:
        if not self._seats.acquire(blocking=False):
            raise Overloaded(f"{_MOST_WAITING} requests for slices or reports wait already; ask again in a moment")
        try:
            if not self._turn.acquire(timeout=self._patience):
                raise Overloaded(f"others' slices or reports took longer than {self._patience:g} s; ask again in a moment")
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._seats.release()

    def _fresh(self, question: Question) -> Answer:
        """Ask the process; one that has died meanwhile is replaced once."""
        with contextlib.suppress(EOFError, OSError):
            return self._exchange(question)
        _end(self._children)
        try:
            return self._exchange(question)
        except (EOFError, OSError):
            _end(self._children)
            raise NightshiftError("the process that works this out ended twice; the server's log may say why") from None

    def _exchange(self, question: Question) -> Answer:
        if not self._children:
            self._children.append(self._start())
        connection = self._children[0].connection
        connection.send(question)
        if not connection.poll(self._patience):
            _end(self._children)
            raise Overloaded(f"this took longer than {self._patience:g} s and was given up; ask for less, or later")
        answer = connection.recv()
        if isinstance(answer, NightshiftError):
            raise answer
        return answer

    def _known(self, question: Question) -> Answer | None:
        with self._keeping:
            if question in self._kept:
                self._kept.move_to_end(question)
            return self._kept.get(question)

    def _keep(self, question: Question, answer: Answer) -> Answer:
        with self._keeping:
            self._kept[question] = answer
            while len(self._kept) > self._n_kept:
                self._kept.popitem(last=False)
        return answer


def _end(children: list[Child]) -> None:
    while children:
        children.pop().kill()
