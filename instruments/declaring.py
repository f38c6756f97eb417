"""Describing what will be read while the axes still move, so that nobody waits for it afterwards."""

import sys
from collections.abc import Generator, Sequence
from typing import Any


def declare_early(devices: Sequence[Any]) -> Generator[Any, Any, Any]:
    """Return a plan that declares stream ``primary`` where every device can describe itself before it was triggered.

    Bluesky otherwise describes devices between their reading and the run's end: it asks each for its data keys and its
    configuration, over the network too, and checks the descriptor, 2 to 4 ms with two to six simulated axes. Only ophyd's
    classic devices that write no files are known to describe themselves as well before as afterwards: a frame's size, and all
    that ophyd-async's detectors say, is known for certain only once they are triggered.
    """
    from bluesky import plan_stubs as bps

    if all(map(_is_known_early, devices)):
        yield from bps.declare_stream(*devices, name="primary")


def _is_known_early(device: Any) -> bool:
    library: Any = sys.modules.get("ophyd")  # a device of it cannot be here without it
    return library is not None and isinstance(device, library.OphydObject) and not hasattr(device, "collect_asset_docs")
