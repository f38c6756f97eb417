"""The wall clock."""

import time
from datetime import UTC, datetime


class WallClock:
    """Real time, as UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)
