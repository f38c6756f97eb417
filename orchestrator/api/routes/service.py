"""Is it alive, is it ready, and figures for Prometheus."""

from typing import Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from orchestrator.api.metrics.figures import CampaignFigures
from orchestrator.api.security import allow
from orchestrator.api.services import Given
from orchestrator.domain.access import Role
from orchestrator.domain.base import Value

router = APIRouter(tags=["service"])


class Health(Value):
    status: Literal["ok"] = "ok"


@router.get("/healthz", **allow(None))
async def read_health() -> Health:
    """Say that the process lives; asks nobody."""
    return Health()


@router.get("/readyz", **allow(None))
def read_readiness(services: Given) -> Health:
    """Say whether the ledger answers; a problem detail with 503 otherwise."""
    services.workplace.ledger.last_seq("system")
    return Health()


@router.get("/metrics", response_class=Response, responses={200: {"content": {CONTENT_TYPE_LATEST: {}}}}, **allow(Role.OBSERVER))
def read_metrics(services: Given) -> Response:
    """Return the campaigns of the last day, and what requests cost, in Prometheus' words."""
    campaigns = CollectorRegistry()
    campaigns.register(CampaignFigures(services))
    return Response(generate_latest(services.meters.registry) + generate_latest(campaigns), media_type=CONTENT_TYPE_LATEST)
