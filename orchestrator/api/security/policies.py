"""What a route demands of its caller, written beside the route and into the OpenAPI file as ``x-role``."""

from collections.abc import Callable
from typing import Any

from fastapi import Depends, Request

from orchestrator.api.problems import NotLoggedIn
from orchestrator.api.security.audit import record_refusal
from orchestrator.api.security.callers import Caller
from orchestrator.api.security.parameters import require_known_parameters
from orchestrator.domain.access import Role
from orchestrator.domain.errors import NotAllowed


def allow(role: Role | None) -> dict[str, Any]:
    """Return a route's keyword arguments: ``@router.get(path, **allow(Role.OBSERVER))``; None lets anybody in."""
    if role is None:
        return {"openapi_extra": {"x-role": "public", "security": []}}
    return {"dependencies": [Depends(_require(role)), Depends(require_known_parameters)], "openapi_extra": {"x-role": str(role)}}


def _require(role: Role) -> Callable[[Request], None]:
    def require(request: Request) -> None:
        caller: Caller | None = getattr(request.state, "caller", None)
        if caller is None:
            raise NotLoggedIn("log in with a key or with the link that `nightshift serve` printed, or send `Authorization: Bearer ns_…`")
        if caller.role.includes(role):
            return
        reason = f"{request.method} {request.url.path} takes the role {role}, and {caller.name} is {caller.role}; ask an admin"
        record_refusal(request, caller.name, f"needs {role}")
        raise NotAllowed(reason)

    return require
