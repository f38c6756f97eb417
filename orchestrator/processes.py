"""Child processes joined to their parent by one connection, so that neither outlives the other unnoticed."""

import contextlib
import ctypes
import getpass
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import psutil

_PR_SET_PDEATHSIG = 1
_DEATH_SECONDS = 5.0

_START_TOLERANCE_S = 5.0
"""psutil derives a start time from the wall clock, which time synchronisation may step. Too wide only makes a dead process
look alive for a while, and a pid is not reused within seconds; too narrow would declare a living one dead."""

_BEGIN = "from {entry} import main; main()"
"""Imported rather than run with ``-m``, so that messages have one class on both sides; ``-P`` keeps the working folder, where
anything may lie, off the import path."""


def this_person() -> str:
    """Return who started this process, as events name them: ``human:anna``; by number where the account has no name."""
    try:
        return f"human:{getpass.getuser()}"
    except (KeyError, OSError):  # a container may run as a number that nobody has
        return f"human:uid-{os.getuid()}"


@dataclass(frozen=True, slots=True)
class Child:
    """A running child and our end of the connection to it."""

    process: subprocess.Popen[bytes]
    connection: Connection

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    @property
    def started(self) -> float:
        """When the process started, in seconds since the epoch; tells it from a later one with the same pid."""
        return psutil.Process(self.process.pid).create_time()

    def kill(self) -> None:
        """End it at once and reap it."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        self.connection.close()


def spawn(
    role: str,
    environment: Mapping[str, str] | None = None,
    *,
    entry: str = "orchestrator.workers",
    descriptors: Sequence[int] = (),
    log: int | None = None,
) -> Child:
    """Start a worker of that role, joined to us by a socket pair.

    Call it from the main thread: Linux signals a child when the *thread* that spawned it ends.

    Args:
        role: What it is to be.
        environment: Variables it has besides ours.
        entry: The module whose ``main`` it runs.
        descriptors: Open files, such as a listening socket, that it inherits under the same numbers.
        log: Where its stderr goes, and that of its own children; None for ours.
    """
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", _BEGIN.format(entry=entry), role, str(theirs.fileno())],
            pass_fds=(theirs.fileno(), *descriptors),
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stderr=log,
        )
    return Child(process, Connection(ours.detach()))


def join_parent(descriptor: int) -> Connection:
    """Return a child's end of the connection. Signals that ask for an end are the parent's business: it tells us what to do.

    A terminal, a container or a service manager may send them to the whole group at once.
    """
    for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    return Connection(descriptor)


def die_with_parent() -> None:
    """Ask Linux to kill this process when its parent ends, however that ends."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def receive(connection: Connection) -> Any | None:
    """Return the next message, or None once the other side is gone."""
    try:
        return connection.recv()
    except (EOFError, ConnectionResetError):
        return None


def is_running(pid: int, started: float) -> bool:
    """Return whether that very process still runs: not a zombie, not a later one with the same pid."""
    try:
        process = psutil.Process(pid)
        return abs(process.create_time() - started) < _START_TOLERANCE_S and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def kill(pid: int, started: float) -> bool:
    """Kill that very process, if it still runs, and wait until it is gone; return whether there was anything to kill."""
    if not is_running(pid, started):
        return False
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(pid).kill()
    deadline = time.monotonic() + _DEATH_SECONDS
    while is_running(pid, started) and time.monotonic() < deadline:
        time.sleep(0.01)  # not psutil's wait: a zombie whose parent is frozen is never reaped
    return True
