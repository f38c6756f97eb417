"""Who holds a lease, and whether that very process still runs."""

import os
import socket
from functools import cache
from pathlib import Path

import psutil

from orchestrator.domain.ports import Holder
from orchestrator.processes import is_running

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@cache
def boot_id() -> str:
    """Return what changes when this machine restarts."""
    return _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else f"booted {psutil.boot_time():.0f}"


def this_holder() -> Holder:
    """Return this process as a holder."""
    return Holder(host=socket.gethostname(), pid=os.getpid(), process_started=psutil.Process().create_time(), boot_id=boot_id())


def is_alive(holder: Holder) -> bool:
    """Return whether a holder of this host still runs; a zombie does not."""
    return holder.boot_id == boot_id() and is_running(holder.pid, holder.process_started)
