"""One-time links that log a browser in."""

import hashlib
import os
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from orchestrator.bootstrap import Workplace
from orchestrator.domain.access import AccessRecords, LoginLink, Role
from orchestrator.domain.errors import NightshiftError
from orchestrator.processes import this_person
from orchestrator.serving.order import ServeOrder

LINK_MINUTES = 10


def new_link(access: AccessRecords, url: str, *, name: str | None = None, role: Role = Role.ADMIN) -> str:
    """Return a link that works once, within ten minutes, as who serves unless a name is given. Only its hash is kept."""
    token = secrets.token_urlsafe(32)
    expires_at = datetime.now(UTC) + timedelta(minutes=LINK_MINUTES)
    known_as = name or this_person().removeprefix("human:")
    access.add_link(LoginLink(token_sha256=hashlib.sha256(token.encode()).hexdigest(), name=known_as, role=role, expires_at=expires_at))
    return f"{url}/login?link={token}"


def tell_link(place: Workplace, order: ServeOrder, tell: Callable[[str], None]) -> None:
    """Say how to log in. A replica's records cannot be written, so there only keys work."""
    if order.options.read_only:
        tell(f"log in at {order.url} with a key; keys come with the replica")
        return
    try:
        link = new_link(place.access, order.url)
    except NightshiftError as error:
        tell(f"no login link: {error}")
    else:
        tell(f"open {link}")
        tell(f"  it logs one browser in, once, within {LINK_MINUTES} min; for another one: kill -USR1 {os.getpid()}")
