"""A campaign's documents on disk: the side that reads, counts, and deletes what has arrived."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog

from orchestrator.outbox.packing import HEADER, Named, Torn, unpack

SUFFIX = ".spool"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place between two documents."""

    file: int = 0
    offset: int = 0


def path_of(folder: Path, number: int) -> Path:
    return folder / f"{number:06d}{SUFFIX}"


def numbers(folder: Path) -> tuple[int, ...]:
    """Return the numbers of a spool's files, ascending; none where there is no spool."""
    try:
        with os.scandir(folder) as entries:
            return tuple(sorted(int(entry.name.removesuffix(SUFFIX)) for entry in entries if entry.name.endswith(SUFFIX)))
    except FileNotFoundError:
        return ()


def documents_after(folder: Path, position: Position) -> Iterator[tuple[Position, Named | None]]:
    """Yield every whole document behind a position, with the position behind it.

    Where a file is over, because a later one exists or its writer is gone, None stands for its end: whatever was open there never
    goes on.
    """
    for number, offset in _files_from(folder, position):
        is_over = _is_over(folder, number)  # asked before it is read: nothing is added behind what is read then
        for end, content, checksum in _records(path_of(folder, number), offset):
            try:
                yield Position(number, end), unpack(content, checksum)
            except Torn as error:
                _log.error("the rest of a spool file cannot be read", file=number, offset=end, error=str(error))
                break
        if is_over:
            yield Position(number + 1, 0), None


def count_after(folder: Path, position: Position, most: int = 1_000_000) -> int:
    """Return how many documents lie behind a position, their headers alone read."""
    n = 0
    for number, offset in _files_from(folder, position):
        for _end in _ends(folder, number, offset):
            n += 1
            if n >= most:
                return n
    return n


def forget_before(folder: Path, position: Position) -> None:
    """Delete the files that lie wholly before a position; of the last one the empty file stays, so that no number is used twice."""
    present = numbers(folder)
    for number in present:
        if number < position.file and number != present[-1]:
            path_of(folder, number).unlink(missing_ok=True)
        elif number < position.file and path_of(folder, number).stat().st_size:
            os.truncate(path_of(folder, number), 0)


def _files_from(folder: Path, position: Position) -> Iterator[tuple[int, int]]:
    """Yield number and first offset of each file that a position, or what follows it, lies in."""
    for number in numbers(folder):
        if number >= position.file:
            yield number, position.offset if number == position.file else 0


def _is_over(folder: Path, number: int) -> bool:
    """Return whether nobody will add to a file: a later one exists, or its writer's lock is gone."""
    return number < max(numbers(folder)) or not _is_locked(path_of(folder, number))


def _is_locked(path: Path) -> bool:
    with path.open("rb") as file, contextlib.suppress(OSError):
        fcntl.flock(file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    return True


def documents_of(path: Path) -> Iterator[Named]:
    """Yield every whole document of one file. Raises Torn if one was damaged."""
    for _end, content, checksum in _records(path, 0):
        yield unpack(content, checksum)


def _records(path: Path, offset: int) -> Iterator[tuple[int, bytes, int]]:
    """Yield end, content and checksum of every whole record of a file."""
    with path.open("rb") as file:
        file.seek(offset)
        while len(header := file.read(HEADER.size)) == HEADER.size:
            length, checksum = HEADER.unpack(header)
            content = file.read(length)
            if len(content) < length:
                return
            yield file.tell(), content, checksum


def _ends(folder: Path, number: int, offset: int) -> Iterator[int]:
    with path_of(folder, number).open("rb", buffering=0) as file:
        descriptor, size = file.fileno(), os.fstat(file.fileno()).st_size
        while len(header := os.pread(descriptor, HEADER.size, offset)) == HEADER.size:
            offset += HEADER.size + HEADER.unpack(header)[0]
            if offset > size:
                return
            yield offset
