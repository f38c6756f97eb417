"""What people put into a logbook: the morning report and the table."""

from fastapi import APIRouter, Response

from orchestrator.api.asked import CampaignId, IfNoneMatch, has_tag
from orchestrator.api.querying.questions import AskReport, AskTable
from orchestrator.api.security import allow
from orchestrator.api.services import Given
from orchestrator.domain.access import Role

router = APIRouter(prefix="/campaigns/{campaign}", tags=["campaigns"])

_REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"
"""The report brings its own style and pictures, and runs nothing."""
_UNCHANGED = {304: {"description": "Nothing has changed."}}


@router.get("/report", response_class=Response, responses={200: {"content": {"text/html": {}}}, **_UNCHANGED}, **allow(Role.OBSERVER))
def read_report(campaign: CampaignId, services: Given, if_none_match: IfNoneMatch = None) -> Response:
    """Return the morning report, of a running campaign too: one page that opens anywhere, offline."""
    state = services.cache.get(campaign).state
    tag = f'W/"report-{state.seq}"'
    if has_tag(if_none_match, tag):
        return Response(status_code=304, headers={"ETag": tag})
    headers = {"ETag": tag, "Content-Security-Policy": _REPORT_POLICY, "Content-Disposition": f'inline; filename="{campaign}.html"'}
    return Response(services.queries.paper(AskReport(campaign, state.seq)), media_type="text/html", headers=headers)


@router.get("/table", response_class=Response, responses={200: {"content": {"text/csv": {}}}, **_UNCHANGED}, **allow(Role.OBSERVER))
def read_table(campaign: CampaignId, services: Given, if_none_match: IfNoneMatch = None) -> Response:
    """Return one row per trial, as comma-separated values; units stand in the column names."""
    state = services.cache.get(campaign).state
    tag = f'W/"table-{state.seq}"'
    if has_tag(if_none_match, tag):
        return Response(status_code=304, headers={"ETag": tag})
    headers = {"ETag": tag, "Content-Disposition": f'attachment; filename="{campaign}.csv"'}
    return Response(services.queries.paper(AskTable(campaign, state.seq)), media_type="text/csv", headers=headers)
