"""The RunEngine of an instrument whose site brings none."""

import sys
from typing import Any

_LIBRARY = "ophyd_async"


def new_run_engine() -> Any:
    """Return a RunEngine that does not import ophyd-async by itself.

    It would, to write the version into every start document: 0.4 s of each instrument process, for devices that may all be classic
    ones. ``note_versions`` writes it where devices use it.
    """
    is_used = _LIBRARY in sys.modules
    modules: dict[str, Any] = sys.modules
    if not is_used:
        modules[_LIBRARY] = None  # the import then fails as if it were not installed, for which the RunEngine is prepared
    try:
        from bluesky import RunEngine

        return RunEngine({}, call_returns_result=True, context_managers=[])
    finally:
        if not is_used:
            del modules[_LIBRARY]


def note_versions(run_engine: Any) -> None:
    """Let start documents name ophyd-async's version where devices have imported it by now."""
    versions = getattr(run_engine, "md", {}).get("versions")
    if versions is not None and _LIBRARY in sys.modules:
        versions.setdefault(_LIBRARY, sys.modules[_LIBRARY].__version__)
