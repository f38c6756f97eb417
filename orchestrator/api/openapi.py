"""The OpenAPI file: what the routes say, with problem details, roles and ways to log in."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from orchestrator.wire.problems import Problem

_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": _PROBLEM}
    for status, text in (
        (400, "The body is not JSON."),
        (401, "Not logged in."),
        (403, "Not allowed: the role, another site's page, or a server that only shows."),
        (404, "There is no such thing."),
        (405, "There is no such method here."),
        (408, "The body came too slowly."),
        (409, "The campaign is in no state for it, or somebody else was faster."),
        (413, "The body is too large."),
        (422, "What it says cannot be done; the detail names thing, value, limit and way out."),
        (429, "Too many requests."),
        (500, "A mistake in Nightshift."),
        (502, "A device does not answer."),
        (503, "The ledger cannot be read or written."),
    )
}
"""How any route may refuse."""

_SECURITY = {
    "key": {"type": "http", "scheme": "bearer", "bearerFormat": "ns_<id>_<secret>"},
    "session": {"type": "apiKey", "in": "cookie", "name": "nightshift_session"},
}


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the application's OpenAPI document, made once."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
        components = document.setdefault("components", {})
        components.setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
        for unused in ("HTTPValidationError", "ValidationError"):
            components["schemas"].pop(unused, None)
        components["securitySchemes"] = _SECURITY
        document["security"] = [{"key": []}, {"session": []}]
        app.openapi_schema = document
    return app.openapi_schema
