"""Who may still move: a runner that was taken over must not, even if it wakes up long after.

Tokens are bound to the connection that presented them, so a frozen runner that presented a lower token earlier is refused
when it goes on. A client that never presented one is a person at a screen and is not fenced: Nightshift's own clients are
fenced among themselves. Stopping and closing are never refused.
"""

from collections.abc import Hashable

from orchestrator.domain.errors import InstrumentError


class Fence:
    """The highest token seen, and the one each client presented last."""

    def __init__(self, highest: int = 0) -> None:
        self.highest = highest
        self._by_client: dict[Hashable, int] = {}

    def present(self, client: Hashable, token: int) -> None:
        """Remember a client's token.

        Raises:
            InstrumentError: If a higher one was seen; from then on the client can move nothing.
        """
        self._by_client[client] = token
        self.highest = max(self.highest, token)
        self.require(client)

    def require(self, client: Hashable) -> None:
        """Raise InstrumentError if a higher token than the client's was seen."""
        token = self._by_client.get(client, self.highest)
        if token < self.highest:
            raise InstrumentError(
                f"token {token} is lower than {self.highest}, the highest seen: another runner has taken the instrument over"
            )
