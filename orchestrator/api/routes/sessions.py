"""Logging in and out, and who one is."""

from importlib.metadata import version
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from orchestrator.api.problems import NotLoggedIn
from orchestrator.api.security import Asking, Caller, allow
from orchestrator.api.security.audit import record
from orchestrator.api.security.callers import address_of
from orchestrator.api.security.keys import check_key, digest
from orchestrator.api.security.sessions import COOKIE, LIFETIME, BrowserSession, open_session, write_cookie
from orchestrator.api.security.throttle import LoginThrottle
from orchestrator.api.services import Given, Services
from orchestrator.domain import events as ev
from orchestrator.domain.access import Role
from orchestrator.wire.sessions import Login, Session

router = APIRouter(prefix="/api/v1", tags=["session"])
link_router = APIRouter(include_in_schema=False)


@router.get("/session", **allow(Role.OBSERVER))
def read_session(services: Given, caller: Asking) -> Session:
    """Return who the caller is, and what their browser must send with every change."""
    return _shown(services, caller)


@router.post("/session", **allow(None))
def log_in(login: Login, request: Request, response: Response, services: Given) -> Session:
    """Open a browser session with a key."""
    address, throttle = address_of(request), _throttle(request)
    throttle.check(address)
    key = check_key(services.access, login.key.strip(), services.now())
    if key is None:
        _refuse(services, throttle, address, "a key that is unknown, expired or revoked")
        raise NotLoggedIn("the key is unknown, expired or revoked; make one with `nightshift keys create NAME --role operator`")
    throttle.succeeded(address)
    session = open_session(key.name, key.role, key.id, services.now())
    _set_cookie(response, session, services)
    record(services, ev.LoggedIn(name=key.name, role=key.role, via="key", address=address), f"human:{key.name}")
    return _shown(services, Caller(session.name, session.role, "session", session.key_id, session.csrf, session.expires_at))


@router.delete("/session", status_code=204, **allow(Role.OBSERVER))
def log_out(response: Response) -> None:
    """Close the browser's session."""
    response.delete_cookie(COOKIE, path="/", samesite="strict", httponly=True)


@link_router.get("/login", **allow(None))
def follow_link(request: Request, services: Given, link: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Log a browser in with a link that works once."""
    address, throttle = address_of(request), _throttle(request)
    throttle.check(address)
    found = services.access.use_link(digest(link), services.now()) if link else None
    if found is None:
        if link:
            _refuse(services, throttle, address, "a login link that was used, has expired or never was")
        return RedirectResponse("/sign-in" + ("?used=1" if link else ""), 303)
    throttle.succeeded(address)
    response = RedirectResponse("/", 303)
    _set_cookie(response, open_session(found.name, found.role, "", services.now()), services)
    record(services, ev.LoggedIn(name=found.name, role=found.role, via="link", address=address), f"human:{found.name}")
    return response


def _throttle(request: Request) -> LoginThrottle:
    return request.app.state.logins


def _refuse(services: Services, throttle: LoginThrottle, address: str, reason: str) -> None:
    """Count it against the address, and put the first of each series and every tenth on record."""
    count = throttle.failed(address)
    if count == 1 or count % 10 == 0:
        record(services, ev.LoginRefused(address=address, reason=reason, count=count), "api")


def _set_cookie(response: Response, session: BrowserSession, services: Services) -> None:
    response.set_cookie(
        COOKIE,
        write_cookie(session, services.secret),
        max_age=int(LIFETIME.total_seconds()),
        path="/",
        httponly=True,
        samesite="strict",
        secure=services.options.is_https,
    )


def _shown(services: Services, caller: Caller) -> Session:
    return Session(
        name=caller.name,
        role=caller.role,
        csrf=caller.csrf,
        expires_at=caller.expires_at,
        read_only=services.options.read_only,
        version=version("nightshift"),
    )
