"""Orders from requests, handed to the campaign's runner or carried out where nobody runs it."""

from collections.abc import Mapping

from pydantic import JsonValue

from orchestrator import bootstrap
from orchestrator.api.security import Caller
from orchestrator.api.services import Services
from orchestrator.domain.ports import Verb
from orchestrator.wire.orders import Ordered

_PATIENCE_SECONDS = 2.0
"""A page hears over its stream what becomes of an order, so a request need not wait for a long exposure to end."""


def carry_out(
    services: Services,
    caller: Caller,
    verb: Verb,
    campaign: str,
    *,
    trial: int | None = None,
    note: str = "",
    is_now: bool = False,
    suggestion_hash: str = "",
    content: Mapping[str, JsonValue] | None = None,
) -> Ordered:
    """Order what the caller asks for, in their name and with their role.

    Raises:
        UnknownCampaign: If no campaign has exactly that id.
        BadInput: As ``bootstrap.order``.
    """
    services.cache.get(campaign)
    ordered = bootstrap.order(
        services.workplace,
        verb,
        campaign,
        trial=trial,
        note=note,
        is_now=is_now,
        suggestion_hash=suggestion_hash,
        content=content,
        role=caller.role,
        actor=caller.actor,
        patience=_PATIENCE_SECONDS,
    )
    return Ordered(campaign=campaign, verb=verb, answer=ordered.text, taken=ordered.is_taken, status=ordered.status)
