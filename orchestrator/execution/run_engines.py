"""The RunEngine of an instrument whose site brings none."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

_DEVICE_LIBRARIES = ("ophyd", "ophyd_async")


def new_run_engine() -> Any:
    """Return a RunEngine that has imported no library of devices.

    A RunEngine imports ophyd and ophyd-async to write their versions into every start document: more than a second and 50 MB, for
    an instrument that may use neither. ``note_versions`` writes those that are in use.
    """
    with _not_installed(_DEVICE_LIBRARIES):
        from bluesky import RunEngine

        return RunEngine({}, call_returns_result=True, context_managers=[])


def note_versions(run_engine: Any) -> None:
    """Let start documents name the versions of the libraries that devices have imported by now."""
    versions = getattr(run_engine, "md", {}).get("versions")
    if versions is None:
        return
    for name in _DEVICE_LIBRARIES:
        if name in sys.modules:
            versions.setdefault(name, sys.modules[name].__version__)


@contextmanager
def _not_installed(names: Sequence[str]) -> Iterator[None]:
    """Let imports of libraries that nobody has imported yet fail as if they were not installed: None in ``sys.modules`` says so."""
    absent = [name for name in names if name not in sys.modules]
    modules: dict[str, Any] = sys.modules
    modules.update(dict.fromkeys(absent))
    try:
        yield
    finally:
        for name in absent:
            del modules[name]
