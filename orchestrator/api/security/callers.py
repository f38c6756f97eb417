"""Who is asking: somebody with a key, a logged-in browser, or somebody a trusted proxy vouches for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Request

from orchestrator.api.problems import NotLoggedIn
from orchestrator.api.security.keys import check_key
from orchestrator.api.security.sessions import COOKIE, proxy_csrf, read_cookie
from orchestrator.api.services import Services
from orchestrator.domain.access import Role


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who proved who they are."""

    name: str
    role: Role
    via: Literal["key", "session", "proxy"]
    key_id: str = ""
    csrf: str = ""
    """What their browser must send back with every change; empty for callers with a key, which no other site can use."""
    expires_at: datetime | None = None

    @property
    def actor(self) -> str:
        """Return how the ledger names them."""
        return f"human:{self.name}"


def identify(request: Request, services: Services) -> Caller | None:
    """Return who asks, or None for a request that does not say.

    Raises:
        NotLoggedIn: If it says so with a key that is unknown, expired or revoked.
    """
    authorization = request.headers.get("authorization", "")
    if authorization:
        return _with_key(authorization, services)
    return _vouched_for(request, services) or _with_cookie(request, services)


def address_of(request: Request) -> str:
    """Return where a request comes from; a trusted proxy says so at the end of its header, before which anybody may write."""
    address = request.client.host if request.client is not None else "unknown"
    if address not in request.app.state.services.options.trusted_proxies:
        return address
    return request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()[:64] or address


def _with_key(authorization: str, services: Services) -> Caller:
    scheme, _, text = authorization.partition(" ")
    key = check_key(services.access, text.strip(), services.now()) if scheme.lower() == "bearer" else None
    if key is None:
        raise NotLoggedIn("the key is unknown, expired or revoked; make one with `nightshift keys create NAME --role operator`")
    return Caller(key.name, key.role, "key", key.id, expires_at=key.expires_at)


def _vouched_for(request: Request, services: Services) -> Caller | None:
    options = services.options
    is_trusted = request.client is not None and request.client.host in options.trusted_proxies
    name = request.headers.get(options.proxy_user_header, "") if options.proxy_user_header and is_trusted else ""
    if not name or len(name) > 100 or not name.isprintable():
        return None
    return Caller(name, Role(options.proxy_role), "proxy", csrf=proxy_csrf(name, services.secret))


def _with_cookie(request: Request, services: Services) -> Caller | None:
    text = request.cookies.get(COOKIE)
    session = read_cookie(text, services.secret, services.access, services.now()) if text else None
    if session is None:
        return None
    return Caller(session.name, session.role, "session", session.key_id, session.csrf, session.expires_at)


def caller_of(request: Request) -> Caller:
    """Return who asks; the policy of the route has already let them in."""
    return request.state.caller


Asking = Annotated[Caller, Depends(caller_of)]
