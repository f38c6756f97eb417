"""Browser sessions: a signed cookie that says who, for how long, and by which key, which is asked about at every request."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer

from orchestrator.domain.access import AccessRecords, Role

COOKIE = "nightshift_session"
LIFETIME = timedelta(hours=12)
"""A night."""


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """What a cookie says."""

    name: str
    role: Role
    key_id: str
    """The key it was opened with; empty for a login link."""
    csrf: str
    expires_at: datetime


def open_session(name: str, role: Role, key_id: str, now: datetime) -> BrowserSession:
    return BrowserSession(name, role, key_id, secrets.token_urlsafe(24), now + LIFETIME)


def write_cookie(session: BrowserSession, secret: bytes) -> str:
    """Return a cookie's text, signed."""
    content = {
        "name": session.name,
        "role": str(session.role),
        "key": session.key_id,
        "csrf": session.csrf,
        "expires": session.expires_at.timestamp(),
    }
    return str(_serializer(secret).dumps(content))


def read_cookie(text: str, secret: bytes, access: AccessRecords, now: datetime) -> BrowserSession | None:
    """Return what a cookie says, if we signed it, it has not expired, and its key is still valid."""
    try:
        content = _serializer(secret).loads(text)
    except BadSignature:
        return None
    expires_at = datetime.fromtimestamp(content["expires"], UTC)
    session = BrowserSession(content["name"], Role(content["role"]), content["key"], content["csrf"], expires_at)
    # The clock may have jumped back: a session from the future is none.
    if not now < expires_at <= now + LIFETIME + timedelta(minutes=5):
        return None
    return session if _is_key_valid(session.key_id, access, now) else None


def _is_key_valid(key_id: str, access: AccessRecords, now: datetime) -> bool:
    if not key_id:
        return True
    key = access.key(key_id)
    return key is not None and key.is_valid(now)


def _serializer(secret: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="nightshift session")


def proxy_csrf(name: str, secret: bytes) -> str:
    """Return the token for somebody a proxy vouches for, who has no cookie of ours."""
    return str(URLSafeSerializer(secret, salt="nightshift csrf").dumps(name))
