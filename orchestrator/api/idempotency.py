"""``Idempotency-Key``: a change that is sent twice, because an answer was lost on the way, happens once."""

import hashlib
import time
from datetime import timedelta
from typing import cast

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orchestrator.api.problems import MisusedIdempotencyKey, StillBeingAnswered, problem_response
from orchestrator.api.security.callers import Caller
from orchestrator.api.services import Services
from orchestrator.domain.access import RememberedAnswer
from orchestrator.domain.errors import BadInput, NightshiftError

HEADER = "idempotency-key"
_LONGEST = 200
_REMEMBERED_FOR = timedelta(days=1)
_TIDY_SECONDS = 3600.0
_KEPT = "kept_answer"
_SESSION = "/api/v1/session"


def keep_instead(request: Request, body: str) -> None:
    """Remember another answer than the one given, because that holds a secret."""
    setattr(request.state, _KEPT, body)


class Idempotency:
    """Remembers successful answers to changes, by caller and key, beside the ledger."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._services = services
        self._tidied = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = _key_of(scope)
        caller = cast(Caller | None, scope.get("state", {}).get("caller"))
        if key is None or caller is None:
            await self._app(scope, receive, send)
            return
        try:
            await self._tidy()
            claim = _claim(scope, caller, key, self._services)
            remembered = await run_in_threadpool(self._services.access.begin_answer, claim)
            if remembered is not None:
                await _replay(remembered, claim)(scope, receive, send)
                return
        except NightshiftError as error:
            await problem_response(error, scope["path"])(scope, receive, send)
            return
        await self._answer(claim, scope, receive, send)

    async def _tidy(self) -> None:
        """Forget what nobody will send again, now and then."""
        if time.monotonic() - self._tidied >= _TIDY_SECONDS:
            self._tidied = time.monotonic()
            await run_in_threadpool(self._services.access.forget_before, self._services.now() - _REMEMBERED_FOR)

    async def _answer(self, claim: RememberedAnswer, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the route answer, and remember that before the client hears it; what changed nothing is forgotten."""
        started: Message = {}
        chunks: list[bytes] = []

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.update(message)
            elif message["type"] == "http.response.body":
                chunks.append(message.get("body", b""))

        try:
            await self._app(scope, receive, keep)
        except BaseException:
            await run_in_threadpool(self._services.access.forget_answer, claim.key)
            raise
        body = b"".join(chunks)
        if 200 <= started.get("status", 500) < 300:
            kept = scope["state"].get(_KEPT) or body.decode()
            await run_in_threadpool(self._services.access.finish_answer, claim.key, started["status"], kept)
        else:
            await run_in_threadpool(self._services.access.forget_answer, claim.key)
        await send(started)
        await send({"type": "http.response.body", "body": body})


def _key_of(scope: Scope) -> str | None:
    is_change = scope["type"] == "http" and scope["method"] not in ("GET", "HEAD", "OPTIONS")
    return Request(scope).headers.get(HEADER) if is_change and scope["path"] != _SESSION else None


def _claim(scope: Scope, caller: Caller, key: str, services: Services) -> RememberedAnswer:
    if not key or len(key) > _LONGEST or not key.isprintable():
        raise BadInput(f"Idempotency-Key must be 1 to {_LONGEST} printable characters, not {len(key)}; a UUID will do")
    request = f"{scope['method']} {scope['path']}?{scope['query_string'].decode('latin-1')}\n".encode() + scope["state"].get("body", b"")
    return RememberedAnswer(
        key=f"{caller.key_id or caller.name}:{key}", request_sha256=hashlib.sha256(request).hexdigest(), at=services.now()
    )


def _replay(remembered: RememberedAnswer, claim: RememberedAnswer) -> Response:
    if remembered.request_sha256 != claim.request_sha256:
        raise MisusedIdempotencyKey("this Idempotency-Key was sent with another request before; use a new one for each change")
    if remembered.status is None:
        raise StillBeingAnswered(
            f"the request with this Idempotency-Key came at {remembered.at:%H:%M:%S} UTC and has not been answered; "
            "look at what it changed before you send it under another key"
        )
    response = Response(remembered.body, remembered.status, media_type="application/json")
    MutableHeaders(raw=response.raw_headers)["Idempotency-Replayed"] = "true"
    return response
