"""What every request passes before it reaches a route: who it is from, whether it may come from there, and not too often."""

from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from orchestrator.api.problems import CrossSite, problem_response
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
            self._check(request, caller)
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

    def _check_host(self, request: Request) -> None:
        """Refuse names that are not ours: a foreign page may have its own name point at this machine."""
        hosts = self._services.options.hosts
        name = request.headers.get("host", "").rsplit(":", 1)[0] if "]" not in request.headers.get("host", "") else "[::1]"
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
        if is_change and caller is not None and caller.via != "key" and request.headers.get("x-csrf-token", "") != caller.csrf:
            raise CrossSite("the header X-CSRF-Token is missing or wrong; reload the page, which knows it")

    def _check_origin(self, request: Request) -> None:
        origin = request.headers.get("origin")
        if origin is None:
            if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
                raise CrossSite("this came from another site's page; open the dashboard itself")
            return
        own = urlsplit(origin).netloc == request.headers.get("host", "") and origin != "null"
        if not own and origin not in self._services.options.origins:
            raise CrossSite(f"this came from {origin[:100]}, another site's page; open the dashboard itself")
