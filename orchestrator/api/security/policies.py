"""What a route demands of its caller, written beside the route and into the OpenAPI file as ``x-role``."""

from collections.abc import Callable
from typing import Any

from fastapi import Depends, Request

from orchestrator.domain.access import Role


def allow(role: Role | None) -> dict[str, Any]:
    """Return a route's keyword arguments: ``@router.get(path, **allow(Role.OBSERVER))``; None lets anybody in."""
    if role is None:
        return {"openapi_extra": {"x-role": "public"}}
    return {"dependencies": [Depends(_require(role))], "openapi_extra": {"x-role": str(role)}}


def _require(role: Role) -> Callable[[Request], None]:
    def require(request: Request) -> None:
        raise NotImplementedError("authentication")

    return require
