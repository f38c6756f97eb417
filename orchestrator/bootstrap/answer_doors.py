"""Folders and catalogues in which analyses answer, each watched by a thread of the runner's: one that hangs holds up nobody."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

import structlog

from orchestrator.bootstrap.answer_catalogue import AnswerCatalogue
from orchestrator.bootstrap.answer_folder import AnswerFolder
from orchestrator.bootstrap.answer_orders import AnswerDesk
from orchestrator.bootstrap.answer_places import answer_catalogues, answer_folders, place_now
from orchestrator.bootstrap.answer_results import Declared
from orchestrator.domain.protocols import Reward
from orchestrator.outbox.tiled_answers import Results

_log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
_END_SECONDS = 2.0
MEMORY = "answers"
"""The folder, beside the ledger, that says which results were read."""


class Door(Protocol):
    """Where answers come in."""

    @property
    def place(self) -> str:
        """For people."""
        ...

    def look(self) -> None:
        """Take what is there. May raise whatever its file system or server does."""
        ...


@contextmanager
def watched(doors: Sequence[Door]) -> Iterator[None]:
    """Watch for answers while the block runs; nothing is waited for at the end but a moment."""
    ended = threading.Event()
    with ExitStack() as stack:
        for door in doors:
            thread = threading.Thread(target=_watch, args=(door, ended), name=f"answers in {door.place}", daemon=True)
            thread.start()
            stack.callback(thread.join, _END_SECONDS)
        stack.callback(ended.set)
        yield


def _watch(door: Door, ended: threading.Event) -> None:
    while not ended.wait(LOOK_SECONDS):
        try:
            door.look()
        except Exception as error:  # the thread's outer edge: a folder or ledger that is away for a while is waited for
            _log.warning("answers could not be looked for", place=door.place, error=str(error))


@contextmanager
def answers_watched(desk: AnswerDesk, rewards: Mapping[str, Reward], folder: Path) -> Iterator[None]:
    """Watch wherever these rewards are told later, while the block runs.

    Args:
        desk: The campaign's.
        rewards: By objective.
        folder: The workplace's.
    """
    catalogues = [_catalogue(number, one, desk, folder) for number, one in enumerate(answer_catalogues(rewards))]
    try:
        with watched([*(AnswerFolder(each, desk) for each in answer_folders(rewards)), *catalogues]):
            yield
    finally:
        for catalogue in catalogues:
            catalogue.close()
            if desk.state().status.is_final:
                catalogue.forget()


def _catalogue(number: int, one: Declared, desk: AnswerDesk, folder: Path) -> AnswerCatalogue:
    memory = folder / MEMORY / f"{desk.campaign}.{number}.json"
    return AnswerCatalogue(Results(place_now, one.path), one, desk, memory)
