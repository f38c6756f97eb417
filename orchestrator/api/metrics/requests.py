"""One log line and one measurement for each request. Never its query, its headers or its body: they may hold secrets."""

import time
from dataclasses import dataclass
from http import HTTPStatus

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orchestrator.api.metrics.meters import Meters

_log = structlog.get_logger(__name__)
_PREFIX = "/api/v1"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(slots=True)
class _Answer:
    status: int = 500
    is_stream: bool = False


class RequestLog:
    """Sees every request first and its answer last."""

    def __init__(self, app: ASGIApp, meters: Meters) -> None:
        self._app = app
        self._meters = meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer, began = _Answer(), time.perf_counter()

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.is_stream = (b"content-type", b"text/event-stream; charset=utf-8") in message["headers"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            self._note(scope, answer, time.perf_counter() - began)

    def _note(self, scope: Scope, answer: _Answer, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route, caller = route_of(scope), scope.get("state", {}).get("caller")
        if not answer.is_stream:
            self._meters.note_request(method, route, answer.status, seconds)
        tell = _log.debug if method in _READING else _log.info
        tell = _log.warning if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR else tell
        tell(
            "stream ended" if answer.is_stream else "request",
            method=method,
            route=route,
            status=answer.status,
            ms=round(1000 * seconds, 1),
            caller=caller.name if caller is not None else "",
            **_subject(scope),
        )


def route_of(scope: Scope) -> str:
    """Return the template of the route that answered, such as ``/api/v1/campaigns/{campaign}``; ``none`` when none did."""
    template = getattr(scope.get("route"), "path_format", None)
    if template is None:
        return "none"
    is_under_prefix = scope["path"].startswith(f"{_PREFIX}/") and not template.startswith(_PREFIX)
    return f"{_PREFIX}{template}" if is_under_prefix else template


def _subject(scope: Scope) -> dict[str, str]:
    """Return the campaign and the trial a request is about."""
    found = scope.get("path_params", {})
    return {name: str(found[name]) for name in ("campaign", "trial") if name in found}
