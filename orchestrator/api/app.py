"""The FastAPI application: routers, security and problem details put together."""

from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from orchestrator.api import problems
from orchestrator.api.idempotency import Idempotency
from orchestrator.api.metrics.requests import RequestLog
from orchestrator.api.openapi import PROBLEMS, describe
from orchestrator.api.routes import (
    approvals,
    campaigns,
    comparing,
    creating,
    fleet,
    instruments,
    keys,
    orders,
    pages,
    papers,
    posterior,
    service,
    sessions,
    streams,
    timeline,
    trials,
)
from orchestrator.api.security import allow
from orchestrator.api.security.bodies import BoundedBodies
from orchestrator.api.security.gate import Gate
from orchestrator.api.security.headers import SecurityHeaders
from orchestrator.api.security.throttle import LoginThrottle, Sparing
from orchestrator.api.services import Services
from orchestrator.domain.access import Role
from orchestrator.domain.errors import NightshiftError

API_VERSION = "1.8.0"
"""Raised whenever the OpenAPI file changes: a minor step for what old clients can ignore, a major one for what they cannot."""

_COMPRESSED_FROM = 2000
"""Bytes. Shorter answers gain nothing, and those that hold a token stay below; event streams are never compressed."""

_ROUTERS = (fleet, campaigns, trials, posterior, papers, comparing, creating, orders, approvals, instruments, streams, timeline, keys)


def build_app(services: Services) -> FastAPI:
    """Return the application for one open workplace."""
    app = FastAPI(
        title="Nightshift",
        version=API_VERSION,
        summary="Watch, approve, pause and stop autonomous experiments.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        responses=PROBLEMS,
    )
    app.state.services = services
    app.state.logins, app.state.refusals = LoginThrottle(), Sparing()
    app.openapi = lambda: describe(app)
    _add_routes(app)
    _add_handlers(app)
    # The last one added is the first to see a request.
    app.add_middleware(Idempotency, services=services)
    app.add_middleware(Gate, services=services)
    app.add_middleware(BoundedBodies)
    app.add_middleware(GZipMiddleware, minimum_size=_COMPRESSED_FROM, compresslevel=5)
    app.add_middleware(SecurityHeaders, is_https=services.options.is_https)
    app.add_middleware(RequestLog, meters=services.meters)
    return app


def _add_routes(app: FastAPI) -> None:
    for module in _ROUTERS:
        app.include_router(module.router, prefix="/api/v1")
    app.include_router(sessions.router)
    app.include_router(sessions.link_router)
    app.include_router(_own_description(app))
    app.include_router(service.router)
    app.include_router(pages.router)


def _own_description(app: FastAPI) -> APIRouter:
    router = APIRouter(tags=["service"])

    @router.get("/api/v1/openapi.json", **allow(Role.OBSERVER))
    def read_openapi() -> dict[str, Any]:
        """Return this document."""
        return app.openapi()

    return router


def _add_handlers(app: FastAPI) -> None:
    app.add_exception_handler(NightshiftError, problems.answer_ours)
    app.add_exception_handler(RequestValidationError, problems.answer_invalid)
    app.add_exception_handler(HTTPException, pages.answer_http)
    app.add_exception_handler(Exception, problems.answer_unexpected)
