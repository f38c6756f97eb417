"""What every test shares."""

from hypothesis import settings

settings.register_profile("nightshift", deadline=None, derandomize=True)
settings.load_profile("nightshift")
