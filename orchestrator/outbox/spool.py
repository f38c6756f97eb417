"""A campaign's documents on disk, in the order the RunEngine emitted them.

The instrument process appends; the sender reads. Every process that appends begins a file of its own, so that what a crash
tore off is only ever the end of a file.
"""

import contextlib
import os
import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import structlog

from orchestrator.outbox.packing import HEADER, Document, Named, Torn, pack, unpack

SUFFIX = ".spool"
LARGEST_FILE = 64 * 1024 * 1024
"""Bytes; a run that begins beyond them begins another file, so that what has arrived can be deleted."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place between two documents."""

    file: int = 0
    offset: int = 0


class SpoolWriter:
    """Appends documents; a RunEngine callback, so it is quick and never raises.

    A write is one system call, so that what was emitted survives this process. It is asked onto the disk when a run ends, by another
    thread: nobody waits for that.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: BinaryIO | None = None
        self._is_broken = False
        self._to_sync: queue.SimpleQueue[int] | None = None

    def __call__(self, name: str, document: Document) -> None:
        try:
            self._write(name, document)
        except Exception as error:  # a full disk or a strange document costs this run's documents, never the measurement
            if not self._is_broken:
                with contextlib.suppress(Exception):  # where the log lies the disk may be full, too
                    _log.error("documents of a run are lost to Tiled and Kafka", folder=str(self._folder), error=f"{error}")
            self._is_broken = True

    def _write(self, name: str, document: Document) -> None:
        if name == "start":
            self._begin_run()
        if self._is_broken or self._file is None:
            return
        record = pack(name, document)
        if self._file.write(record) != len(record):
            raise OSError("the disk is full")
        if name == "stop":
            self._sync_later()

    def _begin_run(self) -> None:
        """Go on in another file where this one is long, or ends in the middle of a record."""
        if self._file is None or self._is_broken or self._file.tell() > LARGEST_FILE:
            self.close()
            self._folder.mkdir(parents=True, exist_ok=True)
            number = max(numbers(self._folder), default=0) + 1
            self._file = (self._folder / f"{number:06d}{SUFFIX}").open("xb", buffering=0)
            self._is_broken = False

    def _sync_later(self) -> None:
        if self._to_sync is None:
            self._to_sync = queue.SimpleQueue()
            threading.Thread(target=_sync, args=(self._to_sync,), name="spool", daemon=True).start()
        if self._file is not None:
            self._to_sync.put(os.dup(self._file.fileno()))

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _sync(descriptors: "queue.SimpleQueue[int]") -> None:
    while True:
        descriptor = descriptors.get()
        with contextlib.suppress(OSError):
            os.fdatasync(descriptor)
        os.close(descriptor)


def numbers(folder: Path) -> tuple[int, ...]:
    """Return the numbers of a spool's files, ascending; none where there is no spool."""
    try:
        with os.scandir(folder) as entries:
            return tuple(sorted(int(entry.name.removesuffix(SUFFIX)) for entry in entries if entry.name.endswith(SUFFIX)))
    except FileNotFoundError:
        return ()


def documents_after(folder: Path, position: Position) -> Iterator[tuple[Position, Named | None]]:
    """Yield every whole document behind a position, with the position behind it.

    Where a file is over, because a later one exists, None stands for its end: whatever was open there never goes on.
    """
    for number in numbers(folder):
        if number < position.file:
            continue
        offset = position.offset if number == position.file else 0
        for end, content, checksum in _records(folder, number, offset):
            try:
                yield Position(number, end), unpack(content, checksum)
            except Torn as error:
                _log.error("the rest of a spool file cannot be read", file=number, offset=end, error=str(error))
                break
        if number < max(numbers(folder)):
            yield Position(number + 1, 0), None


def count_after(folder: Path, position: Position, most: int = 1_000_000) -> int:
    """Return how many documents lie behind a position, their headers alone read."""
    n = 0
    for number in numbers(folder):
        if number < position.file:
            continue
        offset = position.offset if number == position.file else 0
        for _end in _ends(folder, number, offset):
            n += 1
            if n >= most:
                return n
    return n


def forget_before(folder: Path, position: Position) -> None:
    """Delete the files that lie wholly before a position."""
    for number in numbers(folder):
        if number < position.file:
            (folder / f"{number:06d}{SUFFIX}").unlink(missing_ok=True)


def _records(folder: Path, number: int, offset: int) -> Iterator[tuple[int, bytes, int]]:
    """Yield end, content and checksum of every whole record of a file."""
    with (folder / f"{number:06d}{SUFFIX}").open("rb") as file:
        file.seek(offset)
        while len(header := file.read(HEADER.size)) == HEADER.size:
            length, checksum = HEADER.unpack(header)
            content = file.read(length)
            if len(content) < length:
                return
            yield file.tell(), content, checksum


def _ends(folder: Path, number: int, offset: int) -> Iterator[int]:
    path = folder / f"{number:06d}{SUFFIX}"
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(offset)
        while len(header := file.read(HEADER.size)) == HEADER.size:
            end = file.tell() + HEADER.unpack(header)[0]
            if end > size:
                return
            yield end
            file.seek(end)
