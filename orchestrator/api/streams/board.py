"""What viewers need the newest of only, such as a status; and the bell that wakes them."""

import asyncio


class Board:
    """Holds the newest frame of each name. Only for the event loop's own thread."""

    def __init__(self) -> None:
        self._frames: dict[str, tuple[int, bytes]] = {}
        self._n_posted = 0
        self._bell = asyncio.Event()

    def post(self, name: str, frame: bytes) -> None:
        """Replace a frame; a viewer that was too slow for the old one never sees it."""
        self._n_posted += 1
        self._frames[name] = self._n_posted, frame
        self.ring_bell()

    def ring_bell(self) -> None:
        """Wake everybody who waits."""
        self._bell.set()
        self._bell = asyncio.Event()

    async def wait(self) -> None:
        """Wait for the bell. Whoever looked before, without waiting for anything between, misses nothing."""
        await self._bell.wait()

    def after(self, seen: int) -> tuple[int, bytes]:
        """Return the frames posted after the ``seen``-th, oldest first, and how many were posted until now."""
        return self._n_posted, b"".join(frame for number, frame in sorted(self._frames.values()) if number > seen)
