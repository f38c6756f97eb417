"""What every test shares."""

from hypothesis import settings

from tests.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]

settings.register_profile("nightshift", deadline=None, derandomize=True)
settings.load_profile("nightshift")
