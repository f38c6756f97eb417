"""Who is asking: somebody with a key, a logged-in browser, or somebody a trusted proxy vouches for."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Request

from orchestrator.domain.access import Role


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who proved who they are."""

    name: str
    role: Role
    via: Literal["key", "session", "proxy"]
    key_id: str = ""

    @property
    def actor(self) -> str:
        """Return how the ledger names them."""
        return f"human:{self.name}"


def caller_of(request: Request) -> Caller:
    """Return who asks; the policy of the route has already let them in."""
    return request.state.caller


Asking = Annotated[Caller, Depends(caller_of)]
