"""Who may do what through the API: roles, keys, and the records that outlive one process."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from pydantic import Field

from orchestrator.domain.base import Moment, Value


class Role(StrEnum):
    """What somebody may do; each role includes the ones before it."""

    OBSERVER = "observer"
    """May look at everything but keys and the audit."""
    ANALYST = "analyst"
    """May also answer for an analysis: score what was measured. What a key that lies on a cluster needs."""
    OPERATOR = "operator"
    """May also start, steer, approve and narrow."""
    ADMIN = "admin"
    """May also widen limits, and create and revoke keys."""

    def includes(self, other: "Role") -> bool:
        """Return whether whoever has this role may do what the other role may."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(other)


class ApiKey(Value):
    """A key as kept: the secret itself is shown once, when it is made, and never stored."""

    id: str = Field(pattern=r"^[a-z0-9]{8}$")
    name: str
    role: Role
    secret_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    created_by: str
    created_at: Moment
    expires_at: Moment | None = None
    revoked_at: Moment | None = None
    last_used_at: Moment | None = None

    def is_valid(self, now: datetime) -> bool:
        """Return whether it is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class LoginLink(Value):
    """A link that logs one browser in, once."""

    token_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    name: str
    role: Role
    expires_at: Moment


class RememberedAnswer(Value):
    """What a mutation was answered, so that sending it again with the same ``Idempotency-Key`` changes nothing."""

    key: str
    """The caller and the ``Idempotency-Key``."""
    request_sha256: str
    """Of method, path and body: the same key with another request is refused."""
    status: int | None = None
    """None while the first request is still being answered."""
    body: str = ""
    at: Moment


class AccessRecords(Protocol):
    """Keys, login links and remembered answers, kept beside the ledger so that every API process shares them."""

    def add_key(self, key: ApiKey) -> None: ...

    def key(self, id: str) -> ApiKey | None: ...

    def keys(self) -> tuple[ApiKey, ...]:
        """Return all keys, revoked and expired ones too, newest first."""
        ...

    def revoke_key(self, id: str, at: datetime) -> bool:
        """Return whether there was such a key that was not revoked already."""
        ...

    def touch_key(self, id: str, at: datetime) -> None:
        """Remember when it was last used; callers do so at most once a minute."""
        ...

    def add_link(self, link: LoginLink) -> None: ...

    def use_link(self, token_sha256: str, now: datetime) -> LoginLink | None:
        """Return a link that has not expired and forget it, in one transaction: of two callers one gets it."""
        ...

    def begin_answer(self, answer: RememberedAnswer) -> RememberedAnswer | None:
        """Claim a key for a request: None if it is ours now, else what is remembered (its ``status`` is None while pending)."""
        ...

    def finish_answer(self, key: str, status: int, body: str) -> None: ...

    def forget_answer(self, key: str) -> None:
        """Give up a claim whose request failed before it changed anything."""
        ...

    def forget_before(self, moment: datetime) -> None:
        """Forget remembered answers and login links older than this."""
        ...
