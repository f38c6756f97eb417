"""What every test shares."""

import os
from typing import Any

import pytest
from hypothesis import settings

from tests.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]

# Drawing a report takes longer than most campaigns of the tests; those that look at one ask for it.
os.environ.setdefault("NIGHTSHIFT_REPORT", "false")

settings.register_profile("nightshift", deadline=None, derandomize=True)
settings.load_profile("nightshift")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep some folders together where files are; called only if pytest-xdist runs the tests."""
    from tests.scheduling import Scheduling

    return Scheduling(config, log) if config.getvalue("dist") == "loadfile" else None
