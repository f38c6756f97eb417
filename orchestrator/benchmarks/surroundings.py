"""Where and with what something is measured here."""

import os
import platform
from datetime import UTC, datetime

from orchestrator.benchmarks import engines
from orchestrator.benchmarks.records import Surroundings


def surroundings(engine: str) -> Surroundings:
    """Return the day, the machine and the versions that bear on an engine's figures."""
    versions = {"python": platform.python_version()} | engines.versions_of(engine)
    return Surroundings(day=f"{datetime.now(UTC):%Y-%m-%d}", machine=_machine(), versions=versions)


def peak_mb() -> float:
    """Return the most memory this process held so far, in MB."""
    import resource

    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} CPU cores ({platform.machine()}), {memory:.0f} GiB memory, {platform.system()}"
