"""Campaigns as they stand: the list, one of them in a single answer, its events and its spec."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from zlib import crc32

from fastapi import APIRouter, Query, Response

from orchestrator.api.asked import After, CampaignId, IfNoneMatch, Limit, has_tag
from orchestrator.api.following import Followed
from orchestrator.api.security import allow
from orchestrator.api.services import Given, Services
from orchestrator.api.shown.awaited import shown_awaited
from orchestrator.api.shown.campaign import shown_campaign
from orchestrator.api.shown.events import shown_events
from orchestrator.api.shown.spec import spec_text
from orchestrator.api.shown.status import shown_status
from orchestrator.bootstrap.sending import documents_amiss
from orchestrator.domain.access import Role
from orchestrator.domain.campaign import Status
from orchestrator.domain.errors import BadInput
from orchestrator.domain.parts import is_part
from orchestrator.domain.ports import Summary
from orchestrator.wire.campaigns import Campaigns, CampaignStatus, LedgerEvents
from orchestrator.wire.waiting import Awaited

router = APIRouter(tags=["campaigns"])


@router.get("/campaigns", **allow(Role.OBSERVER))
def read_campaigns(
    services: Given,
    status: Annotated[str | None, Query(max_length=20, description="Only campaigns of this status.")] = None,
    name: Annotated[str | None, Query(max_length=64, description="Only campaigns whose name contains this.")] = None,
    parts: Annotated[bool, Query(description="Also every sample's stages, of campaigns over samples.")] = False,
    limit: Limit = 100,
    cursor: Annotated[str | None, Query(max_length=200, description="``next`` of the page before.")] = None,
) -> Campaigns:
    """Return campaigns, newest first. A campaign made meanwhile does not disturb the paging."""
    wanted = [
        each for each in services.workplace.ledger.summaries() if _matches(each, status, name) and (parts or not is_part(each.campaign))
    ]
    place = None if cursor is None else _read_cursor(cursor)
    older = wanted if place is None else [each for each in wanted if _place(each) < place]
    page = older[:limit]
    is_last = len(older) <= limit
    return Campaigns(
        campaigns=tuple(shown_campaign(each, is_run=_is_run(services, each)) for each in page),
        next=None if is_last else "~".join((page[-1].created_at.isoformat(), page[-1].campaign)),
    )


def _matches(summary: Summary, status: str | None, name: str | None) -> bool:
    return (status is None or summary.status == status) and (name is None or name.lower() in summary.name.lower())


def _is_run(services: Services, summary: Summary) -> bool:
    """Return whether a living process drives it; whoever looks at years of finished campaigns asks the ledger nothing more."""
    return summary.status not in (Status.COMPLETED, Status.ABORTED) and bool(services.runners.of(summary.campaign))


def _place(summary: Summary) -> tuple[datetime, str]:
    return summary.created_at, summary.campaign


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    """Return a place in the list. Raises BadInput for anything but a cursor of ours."""
    written, _, campaign = cursor.partition("~")
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadInput(f"cursor {cursor!r} is not one that this server gave; leave it out for the first page")
    return moment, campaign


@router.get(
    "/campaigns/{campaign}", response_model=CampaignStatus, responses={304: {"description": "Nothing has changed."}}, **allow(Role.OBSERVER)
)
def read_campaign(
    campaign: CampaignId, services: Given, response: Response, if_none_match: IfNoneMatch = None
) -> CampaignStatus | Response:
    """Return everything about a campaign's state: whether it runs, whether it succeeded, and why not."""
    known = _known_of(services, campaign)
    if has_tag(if_none_match, known.tag):
        return Response(status_code=304, headers={"ETag": known.tag})
    response.headers["ETag"] = known.tag
    return known.shown(services.now())


def status_of(services: Services, campaign: str) -> CampaignStatus:
    """Return a campaign's status now. Raises UnknownCampaign."""
    return _known_of(services, campaign).shown(services.now())


@dataclass(frozen=True, slots=True)
class _Known:
    """All that a campaign's status is made from."""

    followed: Followed
    part: Followed | None
    runner: str
    n_commands: int
    documents: tuple[str, ...]

    @property
    def tag(self) -> str:
        """Return what changes with any of it."""
        part = 0 if self.part is None else self.part.state.seq
        return f'W/"{self.followed.state.seq}-{part}-{self.n_commands}-{crc32(f"{self.runner} {self.documents}".encode()):08x}"'

    def shown(self, now: datetime) -> CampaignStatus:
        return shown_status(
            self.followed, runner=self.runner, n_commands=self.n_commands, now=now, documents=self.documents, part=self.part
        )


def _known_of(services: Services, campaign: str) -> _Known:
    followed = services.cache.get(campaign)
    return _Known(
        followed,
        services.cache.running_part(followed),
        services.runners.of(campaign),
        len(services.workplace.ledger.commands(campaign)),
        documents_amiss(services.workplace, followed.campaign),
    )


@router.get("/campaigns/{campaign}/awaiting", **allow(Role.OBSERVER))
def read_awaited(campaign: CampaignId, services: Given) -> Awaited:
    """Return the trials that wait for their analysis: what there is to do for a program that analyses."""
    return shown_awaited(services.cache.get(campaign).state)


@router.get("/campaigns/{campaign}/events", **allow(Role.OBSERVER))
def read_events(campaign: CampaignId, services: Given, after: After = 0, limit: Limit = 100) -> LedgerEvents:
    """Return raw ledger events, hashes included."""
    services.cache.get(campaign)
    events = services.workplace.ledger.read(campaign, after=after, limit=limit)
    return shown_events(events, limit)


@router.get("/campaigns/{campaign}/spec", response_class=Response, responses={200: {"content": {"text/yaml": {}}}}, **allow(Role.OBSERVER))
def read_spec(campaign: CampaignId, services: Given) -> Response:
    """Return the campaign's spec as it is now, amendments included, as YAML."""
    text = spec_text(services.cache.get(campaign).state.spec)
    return Response(text, media_type="text/yaml; charset=utf-8", headers={"Content-Disposition": f'inline; filename="{campaign}.yaml"'})
