"""Query parameters that no route knows are refused: ignored, ``?lmit=2`` would give everything and look as if it had been heeded."""

from typing import Any

from fastapi import Request

from orchestrator.domain.errors import BadInput
from orchestrator.wording import choose_from, show_value

_MOST_NAMED = 5
_LONGEST_NAME = 60


class UnknownParameter(BadInput):
    """The request's address holds a query parameter that this route does not have."""


def require_known_parameters(request: Request) -> None:
    """Raise UnknownParameter for a query parameter that the route does not declare."""
    known = list(_declared(request.scope["route"].dependant))
    unknown = [name for name in dict.fromkeys(request.query_params) if name not in known]
    if unknown:
        raise UnknownParameter("; ".join(_said(name[:_LONGEST_NAME], known) for name in unknown[:_MOST_NAMED]))


def _said(name: str, known: list[str]) -> str:
    return f"query parameter {show_value(name)} is unknown; {choose_from(name, known)}"


def _declared(dependant: Any) -> dict[str, None]:
    """Return the query parameters of a route and of what it depends on, in their order."""
    own = dict.fromkeys(field.alias for field in dependant.query_params)
    return own | {name: None for inner in dependant.dependencies for name in _declared(inner)}
