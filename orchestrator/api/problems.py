"""What went wrong, as RFC 9457 problem details. Only our own errors have a status; any other is a mistake of ours, and 500."""

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException

from orchestrator.domain import errors
from orchestrator.domain.errors import NightshiftError
from orchestrator.wire.problems import Problem
from orchestrator.wording import show_value
from orchestrator.wording.explaining import words_for

_log = structlog.get_logger(__name__)
_MOST_PROBLEMS = 20


class NotLoggedIn(NightshiftError):
    """The caller did not prove who they are."""


class CrossSite(NightshiftError):
    """A browser sent this from another site's page, or without the token only our own pages have."""


class TooManyRequests(NightshiftError):
    """The caller should wait. The message ends with the seconds to wait, which also go into ``Retry-After``."""

    def __init__(self, message: str, retry_after_s: float = 1.0) -> None:
        super().__init__(message, retry_after_s)
        self.retry_after_s = retry_after_s

    def __str__(self) -> str:
        return str(self.args[0])


class TooManyViewers(NightshiftError):
    """This server serves as many streams as it can."""


class BodyTooLarge(NightshiftError):
    """The request's body is larger than this server reads."""


class BodyTooSlow(NightshiftError):
    """The request's body did not arrive in time."""


class MisusedIdempotencyKey(NightshiftError):
    """The same ``Idempotency-Key`` came with another request."""


class StillBeingAnswered(NightshiftError):
    """The first request with this ``Idempotency-Key`` has not been answered yet."""


STATUSES: tuple[tuple[type[NightshiftError], int], ...] = (
    (NotLoggedIn, 401),
    (CrossSite, 403),
    (errors.NotAllowed, 403),
    (errors.ReadOnly, 403),
    (errors.Unknown, 404),
    (BodyTooSlow, 408),
    (errors.WrongState, 409),
    (errors.StaleApproval, 409),
    (errors.Busy, 409),
    (StillBeingAnswered, 409),
    (BodyTooLarge, 413),
    (TooManyRequests, 429),
    (TooManyViewers, 503),
    (errors.Overloaded, 503),
    (errors.LedgerUnusable, 503),
    (errors.LedgerFull, 503),
    (errors.LedgerError, 503),
    (MisusedIdempotencyKey, 422),
    (errors.BadInput, 422),
    (errors.InstrumentError, 502),
)
"""By class, the most special first."""


def status_of(error: NightshiftError) -> int:
    """Return the status an error is answered with."""
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 500)


def problem_response(error: NightshiftError, path: str) -> JSONResponse:
    """Return an error of ours as a problem detail."""
    status = status_of(error)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(max(1, round(error.retry_after_s)))
    return _answer(_kebab(type(error).__name__), status, str(error), path, headers)


def _kebab(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("-")


def _answer(kind: str, status: int, detail: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> JSONResponse:
    problem = Problem(type=f"/problems/{kind}", title=HTTPStatus(status).phrase, status=status, detail=detail, instance=path, **more)
    return JSONResponse(problem.model_dump(mode="json"), status, headers, media_type="application/problem+json")


async def answer_ours(request: Request, error: Exception) -> JSONResponse:
    """Answer an error raised on purpose."""
    assert isinstance(error, NightshiftError)
    return problem_response(error, request.url.path)


async def answer_invalid(request: Request, error: Exception) -> JSONResponse:
    """Answer a request that does not say what the route needs: each problem with its place and value."""
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    shown = tuple(f"{_place(each['loc'])}: {words_for(each)}{_got(each)}" for each in found[:_MOST_PROBLEMS])
    is_unreadable = any(each["type"] == "json_invalid" for each in found)
    return _answer("invalid-request", 400 if is_unreadable else 422, "; ".join(shown), request.url.path, problems=shown)


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location))


def _got(found: dict[str, Any]) -> str:
    value = found.get("input")
    return "" if value is None or isinstance(value, dict | list) else f", not {show_value(value)}"


async def answer_http(request: Request, error: Exception) -> JSONResponse:
    """Answer what the framework itself refuses, such as an unknown address."""
    assert isinstance(error, HTTPException)
    detail = f"there is no {request.method} {request.url.path}; see /api/docs" if error.status_code in (404, 405) else str(error.detail)
    headers = {"Allow": _methods(request)} if error.status_code == 405 else dict(error.headers or {})
    kind = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
    return _answer(kind, error.status_code, detail, request.url.path, headers)


def _methods(request: Request) -> str:
    """Return what can be done at an address. The framework names the methods of the first route it found there alone."""
    here = [route for route in iter_route_contexts(request.app.routes) if route.path_regex.match(request.url.path)]
    return ", ".join(sorted({method for route in here for method in route.methods or ()}))


async def answer_unexpected(request: Request, error: Exception) -> JSONResponse:
    """Answer a mistake of ours; what it was is in the log, not in the answer."""
    _log.error("request failed", method=request.method, path=request.url.path, error=repr(error), exc_info=error)
    detail = "this is a mistake in Nightshift, not in your request; the server's log says what happened"
    return _answer("mistake", 500, detail, request.url.path)
