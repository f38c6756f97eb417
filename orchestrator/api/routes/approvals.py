"""The approval inbox: approve, edit or veto what waits, bound to what was seen."""

from collections.abc import Mapping

from fastapi import APIRouter
from pydantic import JsonValue

from orchestrator.api.asked import CampaignId, TrialNumber
from orchestrator.api.ordering import carry_out
from orchestrator.api.security import Asking, Caller, allow
from orchestrator.api.services import Given, Services
from orchestrator.api.shown.waiting import waiting_approval
from orchestrator.domain import events as ev
from orchestrator.domain.access import Role
from orchestrator.domain.errors import StaleApproval, WrongState
from orchestrator.domain.ports import Verb
from orchestrator.wire.orders import ApprovalOrder, EditOrder, Ordered
from orchestrator.wire.waiting import Approvals

router = APIRouter(tags=["approvals"])

_RECENT_EVENTS = 100
"""How far back somebody else's decision may lie for the answer to name them."""
_MOST = 200
"""Approvals that are listed; more than anybody can read."""


@router.get("/approvals", **allow(Role.OBSERVER))
def read_approvals(services: Given) -> Approvals:
    """Return what waits for a person, in every campaign, the longest wait first."""
    held = [summary.campaign for summary in services.workplace.ledger.summaries() if summary.status == "held"]
    found = (waiting_approval(campaign, services.cache.get(campaign).state) for campaign in held[:_MOST])
    return Approvals(waiting=tuple(sorted((each for each in found if each is not None), key=lambda each: each.since)))


@router.post("/campaigns/{campaign}/trials/{trial}/approve", **allow(Role.OPERATOR))
def approve(campaign: CampaignId, trial: TrialNumber, order: ApprovalOrder, services: Given, caller: Asking) -> Ordered:
    """Let a held suggestion be measured."""
    return _decide(services, caller, "approve", campaign, trial, order)


@router.post("/campaigns/{campaign}/trials/{trial}/veto", **allow(Role.OPERATOR))
def veto(campaign: CampaignId, trial: TrialNumber, order: ApprovalOrder, services: Given, caller: Asking) -> Ordered:
    """Refuse a held suggestion; the agent suggests another point."""
    return _decide(services, caller, "veto", campaign, trial, order)


@router.post("/campaigns/{campaign}/trials/{trial}/edit", **allow(Role.OPERATOR))
def edit(campaign: CampaignId, trial: TrialNumber, order: EditOrder, services: Given, caller: Asking) -> Ordered:
    """Measure another point instead; it is a new suggestion, and goes past the guardians like any other."""
    return _decide(services, caller, "edit", campaign, trial, order, {"point": dict(order.point)})


def _decide(
    services: Services,
    caller: Caller,
    verb: Verb,
    campaign: str,
    trial: int,
    order: ApprovalOrder | EditOrder,
    content: Mapping[str, JsonValue] | None = None,
) -> Ordered:
    """Carry out a decision. Raises StaleApproval that also names whoever decided first."""
    try:
        return carry_out(
            services, caller, verb, campaign, trial=trial, note=order.note, suggestion_hash=order.suggestion_hash, content=content
        )
    except (StaleApproval, WrongState) as refusal:
        decided = _decided_by(services, campaign, trial)
        raise type(refusal)(f"{refusal}; trial {trial} was {decided}" if decided else str(refusal)) from None


def _decided_by(services: Services, campaign: str, trial: int) -> str:
    """Return ``approved by human:ann at 03:12:44 UTC``; empty if nobody decided about the trial lately."""
    state = services.cache.get(campaign).state
    for event in reversed(services.workplace.ledger.read(campaign, after=max(0, state.seq - _RECENT_EVENTS))):
        match event.data:
            case ev.TrialApproved(trial=number) if number == trial:
                return f"approved by {event.actor} at {event.at:%H:%M:%S} UTC"
            case ev.TrialVetoed(trial=number) if number == trial:
                return f"vetoed by {event.actor} at {event.at:%H:%M:%S} UTC"
            case _:
                continue
    return ""
