"""New campaigns: what can be started from, what a check says, and making one."""

from contextlib import nullcontext
from functools import cache
from typing import Any

from fastapi import APIRouter, Response

from orchestrator import bootstrap, campaign_file
from orchestrator.api.connecting import one_at_a_time
from orchestrator.api.security import Asking, allow
from orchestrator.api.sent_campaigns import read_sent
from orchestrator.api.services import Given
from orchestrator.domain.access import Role
from orchestrator.domain.errors import BadInput, InstrumentError
from orchestrator.schema import campaign_schema, installed
from orchestrator.wire.campaigns import Bundled
from orchestrator.wire.orders import CheckAnswer, CheckRequest, CreatedCampaign, NewCampaign

router = APIRouter(tags=["creating"])

_PATIENCE_SECONDS = 10.0
"""Two people may make campaigns at the same moment; only those whose instrument must be connected take long."""
_NO_WAIT = 0.0
"""The supervisor needs seconds to start an engine; whoever asked follows the campaign meanwhile."""


@router.post("/campaigns", status_code=201, **allow(Role.OPERATOR))
def create_campaign(new: NewCampaign, response: Response, services: Given, caller: Asking) -> CreatedCampaign:
    """Record a campaign, validated exactly as the command line does, and start it unless told otherwise."""
    file = read_sent(services.workplace, new.spec, new.changes, new.seed)
    with one_at_a_time(_PATIENCE_SECONDS):
        campaign = bootstrap.create(services.workplace, file, actor=caller.actor)
    response.headers["Location"] = f"/api/v1/campaigns/{campaign}"
    if not new.start:
        return CreatedCampaign(campaign=campaign, status="created", answer=f"{campaign}: created; start it when you are ready")
    ordered = bootstrap.order(services.workplace, "start", campaign, role=caller.role, actor=caller.actor, patience=_NO_WAIT)
    return CreatedCampaign(campaign=campaign, status=ordered.status, answer=ordered.text)


@router.post("/check", **allow(Role.OPERATOR))
def check_campaign(request: CheckRequest, services: Given) -> CheckAnswer:
    """Say what a campaign would do, or everything that is wrong with it. Nothing moves and nothing is recorded."""
    with one_at_a_time() if request.connect else nullcontext():
        try:
            file = read_sent(services.workplace, request.spec, request.changes)
            report = bootstrap.check(file, connect=request.connect, workplace=lambda: nullcontext(services.workplace))
        except (BadInput, InstrumentError) as error:
            return CheckAnswer(is_valid=False, problems=tuple(str(error).splitlines()))
    return CheckAnswer(is_valid=True, name=file.spec.name, lines=report.lines)


@router.get("/schema", **allow(Role.OBSERVER))
def read_schema() -> dict[str, Any]:
    """Return the JSON Schema of campaign files, with the plug-ins installed here."""
    return _schema()


@cache
def _schema() -> dict[str, Any]:
    return campaign_schema(installed())


@router.get("/bundled", **allow(Role.OBSERVER))
def read_bundled() -> Bundled:
    """Return the bundled campaigns, to start from."""
    return Bundled(campaigns={name: campaign_file.bundled_text(name) for name in campaign_file.bundled_names()})
