"""What people tell a campaign to do. Every order is a ledger event with who and why."""

from fastapi import APIRouter

from orchestrator import campaign_file
from orchestrator.api.asked import CampaignId, SampleId, TrialNumber
from orchestrator.api.ordering import carry_out
from orchestrator.api.security import Asking, allow
from orchestrator.api.services import Given
from orchestrator.domain.access import Role
from orchestrator.domain.changes import SwitchAgent
from orchestrator.wire.orders import ChangeOrder, NoteOrder, Order, Ordered, PointOrder, ScoreOrder

router = APIRouter(prefix="/campaigns/{campaign}", tags=["orders"])

_PLAIN = Order()


@router.post("/start", **allow(Role.OPERATOR))
def start(campaign: CampaignId, services: Given, caller: Asking, order: Order = _PLAIN) -> Ordered:
    """Start a campaign that was created; the supervisor does so."""
    return carry_out(services, caller, "start", campaign, note=order.note)


@router.post("/pause", **allow(Role.OPERATOR))
def pause(campaign: CampaignId, services: Given, caller: Asking, order: Order = _PLAIN) -> Ordered:
    """Pause at the next trial boundary, or with ``now`` at once."""
    return carry_out(services, caller, "pause", campaign, note=order.note, is_now=order.now)


@router.post("/resume", **allow(Role.OPERATOR))
def resume(campaign: CampaignId, services: Given, caller: Asking, order: Order = _PLAIN) -> Ordered:
    """Go on; where nobody runs the campaign any more, the supervisor does."""
    return carry_out(services, caller, "resume", campaign, note=order.note)


@router.post("/stop", **allow(Role.OPERATOR))
def stop(campaign: CampaignId, services: Given, caller: Asking, order: Order = _PLAIN) -> Ordered:
    """Stop now; the campaign can be resumed."""
    return carry_out(services, caller, "stop", campaign, note=order.note)


@router.post("/abort", **allow(Role.OPERATOR))
def abort(campaign: CampaignId, services: Given, caller: Asking, order: Order = _PLAIN) -> Ordered:
    """End the campaign for good."""
    return carry_out(services, caller, "abort", campaign, note=order.note)


@router.post("/points", **allow(Role.OPERATOR))
def suggest(campaign: CampaignId, order: PointOrder, services: Given, caller: Asking) -> Ordered:
    """Measure this point next; guardians review it as any other."""
    return carry_out(services, caller, "suggest", campaign, note=order.note, content={"point": dict(order.point)})


@router.post("/changes", **allow(Role.OPERATOR))
def amend(campaign: CampaignId, order: ChangeOrder, services: Given, caller: Asking) -> Ordered:
    """Fix or release a parameter, set limits, budget or agent. To widen limits takes an admin."""
    if isinstance(order.change, SwitchAgent):
        campaign_file.require_confined_plugin(order.change.agent, "agent", services.workplace.folder / "campaigns")
    return carry_out(services, caller, "amend", campaign, note=order.note, content={"change": order.change.model_dump(mode="json")})


@router.post("/trials/{trial}/score", **allow(Role.ANALYST))
def score(campaign: CampaignId, trial: TrialNumber, order: ScoreOrder, services: Given, caller: Asking) -> Ordered:
    """Say what an analysis found: a score, or that it failed; with ``correct`` another score instead of the one there is."""
    return carry_out(services, caller, "score", campaign, trial=trial, note=order.note, content=order.content())


@router.post("/samples/{sample}/skip", **allow(Role.OPERATOR))
def skip(campaign: CampaignId, sample: SampleId, services: Given, caller: Asking, order: Order = _PLAIN) -> Ordered:
    """Leave a sample: what of it runs now ends, and the rest of its stages is not run."""
    return carry_out(services, caller, "skip", campaign, note=order.note, content={"sample": sample})


@router.post("/notes", **allow(Role.OPERATOR))
def leave_note(campaign: CampaignId, order: NoteOrder, services: Given, caller: Asking) -> Ordered:
    """Leave a note beside what happened; also on a campaign that is over."""
    return carry_out(services, caller, "note", campaign, content={"text": order.text})
