"""A campaign's documents on disk, in the order the RunEngine emitted them: the side that writes.

Every process that appends begins a file of its own, so that what a crash tore off is only ever the end of a file. It holds a lock
on that file for as long as it lives: who reads can tell what may go on from what is over.
"""

import contextlib
import fcntl
import os
import queue
import shutil
import threading
import time
from pathlib import Path
from typing import BinaryIO

import structlog

from orchestrator.outbox.losses import Losses
from orchestrator.outbox.packing import Document, pack
from orchestrator.outbox.spooled import numbers, path_of

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes; a run that begins beyond them begins another file, so that what has arrived can be deleted."""
RESERVE = 200_000_000
"""Bytes of the disk that documents leave free: the ledger, without which nothing is measured, may lie there, too."""
SYNC_AFTER_S = 0.25
"""So long after a run's end its documents are asked onto the disk: at that end itself the ledger is, and the next motion waits for it."""

_log = structlog.get_logger(__name__)


class SpoolWriter:
    """Appends documents; a RunEngine callback, so it is quick and never raises.

    A write is one system call, so that what was emitted survives this process. It is asked onto the disk when a run ends, a moment
    later and by another thread: nobody waits for that.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: BinaryIO | None = None
        """None before the first run, and for the rest of a run whose documents are lost."""
        self._run = ""
        self._losses = Losses(folder)
        self._to_sync: queue.SimpleQueue[int] | None = None

    def __call__(self, name: str, document: Document) -> None:
        try:
            self._write(name, document)
        except Exception as error:  # a full disk or a strange document costs this run's documents, never the measurement
            self._lose_run(str(error))

    def _write(self, name: str, document: Document) -> None:
        if name == "start":
            self._run = document["uid"]
            self._begin_run()
        if self._file is None:
            return
        record = pack(name, document)
        if self._file.write(record) != len(record):
            raise OSError("the disk is full")
        if name == "stop":
            self._sync_later()

    def _begin_run(self) -> None:
        """Go on in another file where this one is long, or ended in the middle of a run."""
        self._folder.mkdir(parents=True, exist_ok=True)
        _require_room(self._folder)
        if self._file is None or self._file.tell() > LARGEST_FILE:
            self.close()
            self._losses.note_again()
            self._file = _new_file(self._folder)

    def _lose_run(self, reason: str) -> None:
        with contextlib.suppress(Exception):  # where these lie the disk may be full, too
            self.close()
            self._losses.note(self._run, reason)
            _log.error("documents of a run are lost to Tiled and Kafka", folder=str(self._folder), run=self._run, error=reason)

    def _sync_later(self) -> None:
        if self._to_sync is None:
            self._to_sync = queue.SimpleQueue()
            threading.Thread(target=_sync, args=(self._to_sync,), name="spool", daemon=True).start()
        if self._file is not None:
            self._to_sync.put(os.dup(self._file.fileno()))

    def close(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                fcntl.flock(self._file.fileno(), fcntl.LOCK_UN)  # the thread that syncs may hold the file open for a while
            self._file.close()
            self._file = None


def _require_room(folder: Path) -> None:
    if (free := shutil.disk_usage(folder).free) < RESERVE:
        raise OSError(f"{free / 1e6:.0f} MB are free on the disk, and the last {RESERVE / 1e6:.0f} MB are the ledger's")


def _new_file(folder: Path) -> BinaryIO:
    """Return the next file, locked before anybody can see it."""
    path = path_of(folder, max(numbers(folder), default=0) + 1)
    unseen = path.with_suffix(".new")
    file = unseen.open("wb", buffering=0)
    with contextlib.suppress(OSError):  # a file system without locks: readers then wait for the next file
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.rename(unseen, path)
    return file


def _sync(descriptors: "queue.SimpleQueue[int]") -> None:
    while True:
        waiting = [descriptors.get()]
        time.sleep(SYNC_AFTER_S)
        while not descriptors.empty():  # runs may be shorter than that
            waiting.append(descriptors.get())
        for descriptor in waiting:
            with contextlib.suppress(OSError):
                os.fdatasync(descriptor)
            os.close(descriptor)
