"""What every test shares."""

import os

from hypothesis import settings

from tests.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]

# Drawing a report takes longer than most campaigns of the tests; those that look at one ask for it.
os.environ.setdefault("NIGHTSHIFT_REPORT", "false")

settings.register_profile("nightshift", deadline=None, derandomize=True)
settings.load_profile("nightshift")
