"""Who holds a lease, and whether that very process still runs."""

import os
import socket
from functools import cache
from pathlib import Path

import psutil

from orchestrator.domain.protocols import Holder

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_START_TOLERANCE_S = 5.0
"""psutil derives a start time from the wall clock, which time synchronisation may step. Too wide only makes a dead holder
look alive until its lease expires, and a pid is not reused within seconds; too narrow would declare a living one dead."""


@cache
def boot_id() -> str:
    """Return what changes when this machine restarts."""
    return _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else f"booted {psutil.boot_time():.0f}"


def this_holder() -> Holder:
    """Return this process as a holder."""
    return Holder(host=socket.gethostname(), pid=os.getpid(), process_started=psutil.Process().create_time(), boot_id=boot_id())


def is_alive(holder: Holder) -> bool:
    """Return whether a holder of this host still runs; a zombie does not."""
    if holder.boot_id != boot_id():
        return False
    try:
        process = psutil.Process(holder.pid)
        is_same = abs(process.create_time() - holder.process_started) < _START_TOLERANCE_S
        return is_same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
