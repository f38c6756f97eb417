"""Logins, refusals and keys, in the same chained ledger as everything else; a server that must not write logs them instead."""

import structlog
from starlette.requests import Request

from orchestrator.api.services import Services
from orchestrator.domain.errors import LedgerError, ReadOnly
from orchestrator.domain.events import Draft, LedgerData, RequestRefused

_log = structlog.get_logger(__name__)
_STREAM = "system"


def record_refusal(request: Request, name: str, reason: str) -> None:
    """Put on record that somebody known asked for what they may not, once a minute for each reason; the log has every time."""
    services, sparing = request.app.state.services, request.app.state.refusals
    refused = RequestRefused(name=name, method=request.method, path=request.url.path[:200], reason=reason)
    if sparing.is_news(f"{name} {request.method} {reason}"):
        record(services, refused, f"human:{name}")
    else:
        _log.info(refused.type, actor=f"human:{name}", **refused.model_dump(mode="json", exclude={"type"}))


def record(services: Services, data: LedgerData, actor: str) -> None:
    """Put an event into the ``system`` stream. A ledger that cannot take it never changes what the caller is answered."""
    _log.info(data.type, actor=actor, **data.model_dump(mode="json", exclude={"type"}))
    if services.options.read_only:
        return
    try:
        services.workplace.ledger.append_note(_STREAM, Draft(at=services.now(), actor=actor, data=data))
    except (LedgerError, ReadOnly) as error:
        _log.error("the audit event could not be stored", event_type=data.type, error=str(error))
