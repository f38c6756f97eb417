"""Who is asking."""

from pydantic import Field

from orchestrator.domain.access import Role
from orchestrator.domain.base import Moment, Value
from orchestrator.domain.spec import NAME


class Login(Value, defer_build=False):
    key: str = Field(min_length=1, max_length=200)


class Session(Value):
    """Who the caller is, and what a browser must send back with every change."""

    name: str
    role: Role
    csrf: str = ""
    """Goes into the header ``X-CSRF-Token``; empty for callers with a key, who need none."""
    expires_at: Moment | None = None
    read_only: bool = False
    """Whether this server refuses every command."""
    version: str


class NewKey(Value, defer_build=False):
    name: str = Field(pattern=NAME)
    role: Role
    days: float | None = Field(default=None, gt=0, le=3650, strict=True)
    """Until it expires; None for never."""


class Key(Value):
    """A key without its secret."""

    id: str
    name: str
    role: Role
    created_by: str
    created_at: Moment
    expires_at: Moment | None
    revoked_at: Moment | None
    last_used_at: Moment | None
    is_valid: bool


class CreatedKey(Value):
    """A new key; ``secret`` is shown this once."""

    key: Key
    secret: str


class Keys(Value):
    keys: tuple[Key, ...]
