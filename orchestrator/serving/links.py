"""One-time links that log a browser in."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from orchestrator.domain.access import AccessRecords, LoginLink, Role

LINK_MINUTES = 10


def new_link(access: AccessRecords, url: str, *, name: str = "author", role: Role = Role.ADMIN) -> str:
    """Return a link that works once, within ten minutes. Only its hash is kept."""
    token = secrets.token_urlsafe(32)
    expires_at = datetime.now(UTC) + timedelta(minutes=LINK_MINUTES)
    access.add_link(LoginLink(token_sha256=hashlib.sha256(token.encode()).hexdigest(), name=name, role=role, expires_at=expires_at))
    return f"{url}/login?link={token}"
