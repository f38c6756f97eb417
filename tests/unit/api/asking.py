"""Calls an application without a client, so that even an answer that never ends can be looked at."""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.types import ASGIApp, Message

_SECONDS = 20.0
_HOST = "127.0.0.1:8088"


async def status_of(app: ASGIApp, method: str, path: str, headers: Mapping[str, str]) -> int:
    """Return the status an application answers with, and hang up before it says more."""
    answered: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    is_sent = False

    async def receive() -> Message:
        nonlocal is_sent
        if not is_sent:
            is_sent = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await answered
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start" and not answered.done():
            answered.set_result(message["status"])

    call = asyncio.ensure_future(app(_scope(method, path, headers), receive, send))
    await asyncio.wait({call, answered}, timeout=_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    if not call.done():
        await asyncio.wait({call}, timeout=_SECONDS)
    assert call.done(), f"{method} {path} goes on though its caller hung up"
    call.result()
    return answered.result()


def _scope(method: str, path: str, headers: Mapping[str, str]) -> dict[str, Any]:
    sent = {"host": _HOST, **headers}
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8088),
    }
