"""Server-sent events on the wire, and the response that sends them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import structlog
from pydantic import BaseModel
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from orchestrator.api.streams.sockets import PATIENCE_SECONDS
from orchestrator.domain.errors import NightshiftError

_log = structlog.get_logger(__name__)


def frame(event: str, data: BaseModel | str, id: int | None = None) -> bytes:
    """Return one server-sent event.

    Args:
        event: Its name.
        data: A value, sent as JSON, or text without line breaks.
        id: What a reconnecting client sends back as ``Last-Event-ID``.
    """
    text = data if isinstance(data, str) else data.model_dump_json()
    number = "" if id is None else f"id: {id}\n"
    return f"event: {event}\n{number}data: {text}\n\n".encode()


def sse_response(chunks: AsyncIterator[bytes], *, patience: float = PATIENCE_SECONDS) -> "EventStream":
    """Return a response that sends frames as they come, until they end or the client is gone.

    Args:
        chunks: One or several whole frames each. Closed in any case, so that its ``finally`` can tidy up.
        patience: Seconds the client may take to read one chunk.
    """
    return EventStream(chunks, patience)


class EventStream(Response):
    """A response without an end. At most one chunk, besides what the socket holds, waits for a client."""

    media_type = "text/event-stream"

    def __init__(self, chunks: AsyncIterator[bytes], patience: float, status_code: int = 200) -> None:
        # The OpenAPI file takes a route's status from this parameter's default.
        super().__init__(status_code=status_code, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._chunks = chunks
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.create_task(self._send(send))
        leaving = asyncio.create_task(_until_gone(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _end(sending, leaving)
            await self._close()
        if not sending.cancelled():
            sending.result()  # raises where the cause is a mistake of ours, not a client that left

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        try:
            async for chunk in self._chunks:
                async with asyncio.timeout(self._patience):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
        except TimeoutError:
            _log.info("viewer dropped", unread_for_s=self._patience)
            return
        except NightshiftError as error:
            _log.warning("a stream ended early", error=str(error))
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _close(self) -> None:
        close = getattr(self._chunks, "aclose", None)
        if close is not None:
            await close()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _end(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError, Exception):
            await task
