"""From a request to a stream: a seat for the caller, who is asked again from time to time whether they may still look."""

from collections.abc import AsyncIterator
from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from orchestrator.api.problems import NotLoggedIn
from orchestrator.api.security.callers import caller_of, identify
from orchestrator.api.services import Services
from orchestrator.api.streams.framing import EventStream, sse_response

RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {}}, "description": "Server-sent events, until either side ends them."}
}
"""For the OpenAPI file."""


def stream_to(request: Request, services: Services, chunks: AsyncIterator[bytes]) -> EventStream:
    """Return the response that sends frames to whoever asked.

    Raises:
        TooManyRequests: If the caller has too many streams open already.
        TooManyViewers: If everybody together has.
    """
    caller = caller_of(request)
    seated = services.streams.seated(chunks, caller.key_id or caller.name, lambda: run_in_threadpool(_may_look, request, services))
    return sse_response(seated, patience=services.streams.patience)


def _may_look(request: Request, services: Services) -> bool:
    """Return whether what the request came with is still worth something: no key revoked, no session expired."""
    try:
        return identify(request, services) is not None
    except NotLoggedIn:
        return False
