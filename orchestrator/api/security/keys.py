"""API keys: ``ns_<id>_<secret>``, of which only a hash is kept."""

import hashlib
import secrets
from datetime import datetime, timedelta
from hmac import compare_digest

from orchestrator.domain.access import AccessRecords, ApiKey, Role

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""Without letters and digits that look alike."""
_ID_LENGTH = 8
_SECRET_BYTES = 32
_TOUCH_SECONDS = 60.0


def new_key(name: str, role: Role, *, created_by: str, now: datetime, days: float | None = None) -> tuple[ApiKey, str]:
    """Return a key and the text that proves it, which is not kept."""
    id, secret = "".join(secrets.choice(_ALPHABET) for _ in range(_ID_LENGTH)), secrets.token_urlsafe(_SECRET_BYTES)
    key = ApiKey(
        id=id,
        name=name,
        role=role,
        secret_sha256=digest(secret),
        created_by=created_by,
        created_at=now,
        expires_at=None if days is None else now + timedelta(days=days),
    )
    return key, f"ns_{id}_{secret}"


def digest(secret: str) -> str:
    """Return a secret's hash. Secrets of 256 random bits need no slow one."""
    return hashlib.sha256(secret.encode()).hexdigest()


def check_key(access: AccessRecords, text: str, now: datetime) -> ApiKey | None:
    """Return the key a text proves, if it is valid now; and remember that it was used."""
    prefix, _, rest = text.partition("_")
    id, _, secret = rest.partition("_")
    key = access.key(id) if prefix == "ns" and len(id) == _ID_LENGTH else None
    # An unknown id costs a comparison, too, so that time tells nothing about which ids exist.
    is_right = compare_digest(digest(secret), key.secret_sha256 if key is not None else digest(""))
    if key is None or not is_right or not key.is_valid(now):
        return None
    if key.last_used_at is None or (now - key.last_used_at).total_seconds() > _TOUCH_SECONDS:
        access.touch_key(id, now)
    return key
