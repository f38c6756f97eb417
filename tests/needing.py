"""Skipping a file of tests where a library is not installed, without importing it: every worker of the suite collects every file."""

from importlib.util import find_spec

import pytest


def skip_file_without(*libraries: str, reason: str = "") -> None:
    """Skip the file that calls this as it is imported, unless all these top-level packages are installed."""
    missing = [library for library in libraries if find_spec(library) is None]
    if missing:
        pytest.skip(reason or f"not installed: {', '.join(missing)}", allow_module_level=True)
