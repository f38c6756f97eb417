"""API keys, and the audit of who came and was refused."""

from typing import Annotated

from fastapi import APIRouter, Path, Request

from orchestrator.api.asked import After, Limit
from orchestrator.api.idempotency import keep_instead
from orchestrator.api.security import Asking, allow
from orchestrator.api.security.audit import record
from orchestrator.api.security.keys import new_key
from orchestrator.api.services import Given
from orchestrator.api.shown.events import shown_events
from orchestrator.domain import events as ev
from orchestrator.domain.access import ApiKey, Role
from orchestrator.domain.errors import Unknown, WrongState
from orchestrator.wire.campaigns import LedgerEvents
from orchestrator.wire.sessions import CreatedKey, Key, Keys, NewKey

router = APIRouter(tags=["keys"])


class UnknownKey(Unknown):
    """There is no key of that id."""


@router.get("/keys", **allow(Role.ADMIN))
def read_keys(services: Given) -> Keys:
    """Return all keys without their secrets, newest first."""
    return Keys(keys=tuple(_shown(key, services) for key in services.access.keys()))  # noqa: SIM118  (no mapping)


@router.post("/keys", status_code=201, **allow(Role.ADMIN))
def create_key(new: NewKey, request: Request, services: Given, caller: Asking) -> CreatedKey:
    """Make a key. Its secret is in this answer and nowhere else: sent again, the same request is answered without it."""
    key, secret = new_key(new.name, new.role, created_by=caller.actor, now=services.now(), days=new.days)
    services.access.add_key(key)
    record(services, ev.KeyCreated(key_id=key.id, name=key.name, role=key.role, expires_at=key.expires_at), caller.actor)
    shown = _shown(key, services)
    keep_instead(request, CreatedKey(key=shown, secret="").model_dump_json())  # nosec B106
    return CreatedKey(key=shown, secret=secret)


@router.delete("/keys/{id}", status_code=204, **allow(Role.ADMIN))
def revoke_key(id: Annotated[str, Path(pattern=r"^[a-z0-9]{8}$")], services: Given, caller: Asking) -> None:
    """Revoke a key; sessions opened with it end, too."""
    key = services.access.key(id)
    if key is None:
        raise UnknownKey(f"there is no key {id}; see GET /api/v1/keys")
    if not services.access.revoke_key(id, services.now()):
        raise WrongState(f"key {id} ({key.name}) was revoked already")
    record(services, ev.KeyRevoked(key_id=id, name=key.name), caller.actor)


@router.get("/audit", **allow(Role.ADMIN))
def read_audit(services: Given, after: After = 0, limit: Limit = 100) -> LedgerEvents:
    """Return the system stream: logins, refusals, keys, safe-stops, alerts, notes on finished campaigns."""
    events = services.workplace.ledger.read("system", after=after, limit=limit)
    return shown_events(events, limit)


def _shown(key: ApiKey, services: Given) -> Key:
    public = key.model_dump(exclude={"secret_sha256"})
    return Key.model_validate({**public, "is_valid": key.is_valid(services.now())})
