"""Everything a person can do with a page, for scripts and notebooks."""

import ssl
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

import httpx

from orchestrator.client.connection import Connection
from orchestrator.client.errors import WaitedTooLong
from orchestrator.client.ordering import Ordering
from orchestrator.client.reading import Reading
from orchestrator.client.streaming import Streamed, ledger_events, listen
from orchestrator.wire.campaigns import CampaignStatus
from orchestrator.wire.streams import StreamedEvent

_POLL_SECONDS = 0.5
_PATIENCE_SECONDS = 300.0


class NightshiftClient(Reading, Ordering):
    """Talks to one ``nightshift serve``. Close it, or use it in a ``with`` block.

    Args:
        url: Such as ``http://127.0.0.1:8088``.
        key: An API key, as ``nightshift keys create`` showed it.
        timeout: Seconds to wait for one answer.
        verify: An SSL context that trusts the server's own certificate; True for the public ones.
        transport: How requests travel; for tests.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout: float = 30.0,
        verify: ssl.SSLContext | bool = True,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._connection = Connection(url, key, timeout=timeout, verify=verify, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    @property
    def url(self) -> str:
        return self._connection.url

    def follow(self, campaign: str, after: int = 0, *, patience: float = _PATIENCE_SECONDS) -> Iterator[StreamedEvent]:
        """Yield ledger events as they happen; ends when the campaign is over.

        A lost connection is taken up again where it broke, so that no event is missed and none comes twice.

        Args:
            campaign: Its exact id.
            after: The last event that is known already.
            patience: Seconds without hearing anything before giving up.

        Raises:
            ServerUnreachable: If nothing was heard for that long.
        """
        return ledger_events(self.listen(campaign, after, patience=patience), after)

    def listen(self, campaign: str, after: int = 0, *, patience: float = _PATIENCE_SECONDS) -> Iterator[Streamed]:
        """Yield ledger events, statuses and heartbeats as they come, for live views; never ends by itself."""
        return listen(self._connection, campaign, after, patience=patience)

    def wait_until(
        self, campaign: str, predicate: Callable[[CampaignStatus], bool], timeout: float, *, poll: float = _POLL_SECONDS
    ) -> CampaignStatus:
        """Return the first status seen for which the predicate holds.

        Raises:
            WaitedTooLong: If none did within ``timeout`` seconds; says how the campaign stands.
        """
        deadline = time.monotonic() + timeout
        while not predicate(status := self.status(campaign)):
            if time.monotonic() > deadline:
                stands = f"{status.status}, {status.n_trials} trials: {status.standing.sentence}"
                raise WaitedTooLong(f"{campaign} did not get there within {timeout:g} s; it is {stands}")
            time.sleep(poll)
        return status
