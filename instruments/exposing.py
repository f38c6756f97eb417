"""How long detectors expose, where they are told so before each measurement."""

import sys
from collections.abc import Generator, Sequence
from typing import Any


def expose(detectors: Sequence[Any], seconds: float) -> Generator[Any, Any, Any]:
    """Return a plan that prepares ophyd-async's detectors for one exposure each; others, and no seconds at all, are left alone."""
    from bluesky import plan_stubs as bps

    library: Any = sys.modules.get("ophyd_async.core")  # a device of it cannot be here without it
    if library is None or seconds <= 0:
        return
    for detector in detectors:
        if isinstance(detector, library.StandardDetector):
            yield from bps.prepare(detector, library.TriggerInfo(livetime=seconds), wait=True)
