"""Reads each request's body once, whole and bounded, whatever it says of its own length."""

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orchestrator.api.problems import BodyTooLarge, BodyTooSlow, problem_response
from orchestrator.domain.errors import BadInput

MAX_BYTES = 1024 * 1024
"""The largest campaign file is a quarter of this."""
_SECONDS = 30.0
_DOUBTFUL = re.compile(rb"\\u(d[89a-f]|0000)", re.IGNORECASE)
"""How JSON writes half a character, or the character zero."""


class BoundedBodies:
    """Keeps the body in ``scope["state"]["body"]``, where the idempotency check hashes it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        try:
            body = await _read(Request(scope), receive)
            _require_whole_text(body)
        except (BodyTooLarge, BodyTooSlow, BadInput) as error:
            await problem_response(error, scope["path"])(scope, receive, send)
            return
        scope.setdefault("state", {})["body"] = body
        await self._app(scope, _replaying(body, receive), send)


async def _read(request: Request, receive: Receive) -> bytes:
    """Return the body. Raises BodyTooLarge or BodyTooSlow."""
    refusal = BodyTooLarge(f"the body is larger than {MAX_BYTES // 1024} kB, the limit for a request; send less at once")
    said = request.headers.get("content-length", "")
    if said.isdigit() and int(said) > MAX_BYTES:
        raise refusal
    chunks: list[bytes] = []
    try:
        async with asyncio.timeout(_SECONDS):
            while True:
                message = await receive()
                chunks.append(message.get("body", b""))
                if sum(map(len, chunks)) > MAX_BYTES:
                    raise refusal
                if not message.get("more_body", False):
                    return b"".join(chunks)
    except TimeoutError:
        raise BodyTooSlow(f"the body did not arrive within {_SECONDS:g} s") from None


def _require_whole_text(body: bytes) -> None:
    """Refuse what JSON can write and no store can keep: half a character, and the character zero.

    Raises:
        BadInput: If any text of the body holds one.
    """
    if not _DOUBTFUL.search(body):
        return
    try:
        texts = _texts(json.loads(body))
    except (ValueError, RecursionError):
        return  # the route says what is wrong with it
    if any("\0" in text or any("\ud800" <= character <= "\udfff" for character in text) for text in texts):
        raise BadInput("a text holds \\u0000, or half of a character (\\ud800 to \\udfff alone), which cannot be kept; leave it out")


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for key, inner in value.items():
                yield key
                yield from _texts(inner)
        case list():
            for inner in value:
                yield from _texts(inner)
        case _:
            pass


def _replaying(body: bytes, receive: Receive) -> Receive:
    """Return a receiver that hands the body over once, and then whatever the client does next."""
    handed_over = False

    async def replay() -> Message:
        nonlocal handed_over
        if handed_over:
            return await receive()
        handed_over = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
