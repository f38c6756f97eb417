"""What every request passes before it reaches a route: who it is from, whether it may come from there, and not too often."""

from hmac import compare_digest
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from orchestrator.api.problems import CrossSite, problem_response
from orchestrator.api.security.audit import record_refusal
from orchestrator.api.security.callers import Caller, identify
from orchestrator.api.security.throttle import RateLimit
from orchestrator.api.services import Services
from orchestrator.domain.errors import NightshiftError, ReadOnly

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_SESSION = "/api/v1/session"
_CREDENTIALS = frozenset({b"authorization", b"cookie"})


class Gate:
    """Puts the caller, or None, into ``request.state.caller``; refuses what no route would take."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._services = services
        self._limit = RateLimit()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            self._check_host(request)
            caller = await self._identify(request)
            await self._admit(request, caller)
        except NightshiftError as error:
            await problem_response(error, scope["path"])(scope, receive, send)
            return
        scope.setdefault("state", {})["caller"] = caller
        await self._app(scope, receive, send)

    async def _identify(self, request: Request) -> Caller | None:
        """Look the caller up, off the event loop, because keys are in the database."""
        header = self._services.options.proxy_user_header.lower().encode()
        if not any(name in _CREDENTIALS or (header and name == header) for name, _ in request.scope["headers"]):
            return None
        return await run_in_threadpool(identify, request, self._services)

    async def _admit(self, request: Request, caller: Caller | None) -> None:
        """Refuse what may not come from there; in somebody's name that goes on record."""
        try:
            self._check(request, caller)
        except CrossSite:
            if caller is not None:
                await run_in_threadpool(record_refusal, request, caller.name, "from another site")
            raise

    def _check_host(self, request: Request) -> None:
        """Refuse names that are not ours: a foreign page may have its own name point at this machine."""
        hosts = self._services.options.hosts
        name = _host_name(request.headers.get("host", ""))
        known = {*hosts, *(urlsplit(origin).hostname or "" for origin in self._services.options.origins)}
        if "*" not in hosts and name.lower() not in known:
            raise CrossSite(f"this server does not answer to the name {name!r}; open it under one of {', '.join(sorted(known))}")

    def _check(self, request: Request, caller: Caller | None) -> None:
        is_change = request.method not in _SAFE
        is_session = request.url.path == _SESSION
        if is_change and not is_session and self._services.options.read_only:
            raise ReadOnly(f"{request.method} {request.url.path}: this server only shows what another one runs; command it there")
        if caller is not None:
            self._limit.take(caller.key_id or caller.name)
        if is_change and (caller is None or caller.via != "key"):
            self._check_origin(request)
        # Logging in again needs no token: it takes a key, and the origin has been checked.
        is_login = is_session and request.method == "POST"
        if is_change and not is_login and caller is not None and caller.via != "key" and not _has_token(request, caller):
            raise CrossSite("the header X-CSRF-Token is missing or wrong; reload the page, which knows it")

    def _check_origin(self, request: Request) -> None:
        origin = request.headers.get("origin")
        if origin is None:
            if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
                raise CrossSite("this came from another site's page; open the dashboard itself")
            return
        if not _is_own(origin, request.headers.get("host", "")) and origin not in self._services.options.origins:
            raise CrossSite(f"this came from {origin[:100]}, another site's page; open the dashboard itself")


def _host_name(host: str) -> str:
    """Return a Host header's name without its port; an IPv6 address keeps its brackets."""
    address, bracket, _ = host.partition("]")
    return address + bracket if bracket else host.rsplit(":", 1)[0]


def _is_own(origin: str, host: str) -> bool:
    """Return whether a page came from the address this server is asked under; ``null`` and nonsense did not."""
    scheme, _, rest = origin.partition("://")
    return scheme in ("http", "https") and bool(host) and rest == host


def _has_token(request: Request, caller: Caller) -> bool:
    return compare_digest(request.headers.get("x-csrf-token", "").encode(), caller.csrf.encode())
