"""Who may call what: every route of the application by everybody, as the OpenAPI file says. A new route is in it at once."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from orchestrator.api.security.keys import new_key
from orchestrator.api.security.sessions import COOKIE, open_session, write_cookie
from orchestrator.domain.access import Role
from tests.unit.api.asking import status_of
from tests.unit.api.conftest import ADDRESS, Api

SAFE = frozenset({"GET", "HEAD"})
VALUES = {
    "campaign": "no-such-night",
    "trial": "1",
    "signal": "flux",
    "instrument": "no-such-instrument",
    "id": "abcdefgh",
    "path": "no-such-file",
    "sample": "no-such-sample",
}
"""For addresses: things that do not exist, so that whoever is let in changes nothing."""
LETS_IN = {
    Role.OBSERVER: {Role.OBSERVER, Role.ANALYST, Role.OPERATOR, Role.ADMIN},
    Role.ANALYST: {Role.ANALYST, Role.OPERATOR, Role.ADMIN},
    Role.OPERATOR: {Role.OPERATOR, Role.ADMIN},
    Role.ADMIN: {Role.ADMIN},
}
"""By the least role of a route. Written out, because asking ``Role`` would be asking the code under test."""


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    role: Role | None
    """The least role; None where everybody may."""

    @property
    def address(self) -> str:
        return self.path.format_map(VALUES)


LOGIN = Operation("POST", "/api/v1/session", None)


@dataclass(frozen=True)
class Somebody:
    headers: Mapping[str, str]
    role: Role | None = None
    """None for whoever proved nothing."""
    has_bad_key: bool = False
    """A key that is none any more opens nothing, not even what is public: who sends it should hear of it."""
    is_foreign: bool = False
    """A browser, sent here by another site's page."""
    lacks_token: bool = False
    """A browser's cookie without the token that only our own pages know; a login with a key needs none."""

    def expected(self, operation: Operation) -> set[int]:
        """Return 401 or 403 where they must be refused with it, else nothing."""
        if self.has_bad_key:
            return {401}
        is_change = operation.method not in SAFE
        if is_change and (self.is_foreign or (self.lacks_token and operation != LOGIN)):
            return {403}
        if operation.role is None:
            return set()
        if self.role is None:
            return {401}
        return set() if self.role in LETS_IN[operation.role] else {403}


def operations(app: FastAPI) -> tuple[Operation, ...]:
    """Return what the OpenAPI file names, and the dashboard's pages, which it does not."""
    return (*_described(app), *_hidden(app))


def _described(app: FastAPI) -> Iterator[Operation]:
    for path, item in app.openapi()["paths"].items():
        for method, operation in item.items():
            yield Operation(method.upper(), path, _role(operation["x-role"]))


def _hidden(app: FastAPI) -> Iterator[Operation]:
    for route in iter_route_contexts(app.routes):
        if not route.include_in_schema:
            for method in sorted(route.methods or ()):
                yield Operation(method, str(route.path_format), _role(route.openapi_extra["x-role"]))


def _role(said: str) -> Role | None:
    return None if said == "public" else Role(said)


def everybody(api: Api) -> Mapping[str, Somebody]:
    """Return one of each kind of caller."""
    bearer = {role: {"authorization": f"Bearer {api.secrets[role]}"} for role in Role}
    cookies = {role: _cookie(api, role, b"s" * 32) for role in Role}
    return {
        "nobody": Somebody({}),
        **{str(role): Somebody(bearer[role], role) for role in Role},
        **{f"browser of an {role}": Somebody(cookies[role], role) for role in Role},
        "another site's page": Somebody({**cookies[Role.ADMIN], "origin": "https://another.example"}, Role.ADMIN, is_foreign=True),
        "cookie without the token": Somebody({"cookie": cookies[Role.ADMIN]["cookie"]}, Role.ADMIN, lacks_token=True),
        "forged cookie": Somebody(_cookie(api, Role.ADMIN, b"x" * 32)),
        "expired key": Somebody(_dead_key(api, is_expired=True), has_bad_key=True),
        "revoked key": Somebody(_dead_key(api, is_expired=False), has_bad_key=True),
        "made-up key": Somebody({"authorization": "Bearer ns_abcdefgh_secret"}, has_bad_key=True),
    }


def _cookie(api: Api, role: Role, secret: bytes) -> Mapping[str, str]:
    session = open_session(f"the-{role}", role, "", api.clock())
    return {"cookie": f"{COOKIE}={write_cookie(session, secret)}", "x-csrf-token": session.csrf, "origin": ADDRESS}


def _dead_key(api: Api, *, is_expired: bool) -> Mapping[str, str]:
    made = api.clock() - timedelta(days=2)
    key, text = new_key("old", Role.ADMIN, created_by="human:test", now=made, days=1 if is_expired else None)
    api.workplace.access.add_key(key)
    if not is_expired:
        assert api.workplace.access.revoke_key(key.id, api.clock())
    return {"authorization": f"Bearer {text}"}


def test_every_route_says_who_may_use_it(api: Api) -> None:
    silent = [route.path for route in iter_route_contexts(api.app.routes) if "x-role" not in (getattr(route, "openapi_extra", None) or {})]
    assert silent == []


def test_every_route_lets_in_exactly_who_it_says(api: Api, record_property: Callable[[str, object], None]) -> None:
    wrong = asyncio.run(_wrong(api, record_property))
    assert wrong == []


async def _wrong(api: Api, record_property: Callable[[str, object], None]) -> list[str]:
    callers, routes = everybody(api), operations(api.app)
    found = []
    for name, somebody in callers.items():
        for operation in routes:
            status = await status_of(api.app, operation.method, operation.address, somebody.headers)
            if {status} & {401, 403} != somebody.expected(operation):
                found.append(f"{name}: {operation.method} {operation.path} ({operation.role}) was answered {status}")
    record_property("role x route checks", len(callers) * len(routes))
    assert len(routes) > 30
    return found


def test_a_server_that_only_shows_refuses_every_change_by_everybody(make_api: Callable[..., Api]) -> None:
    api = make_api(read_only=True)
    changes = [each for each in operations(api.app) if each.method not in SAFE and each.path != "/api/v1/session"]

    async def statuses() -> set[int]:
        callers = everybody(api).values()
        return {await status_of(api.app, each.method, each.address, caller.headers) for each in changes for caller in callers}

    assert asyncio.run(statuses()) <= {401, 403}
    assert api.workplace.ledger.read("system") == ()


@pytest.mark.parametrize("secret", [b"x" * 32, b""])
def test_a_cookie_signed_with_another_secret_proves_nothing(api: Api, secret: bytes) -> None:
    status = asyncio.run(status_of(api.app, "GET", "/api/v1/session", _cookie(api, Role.ADMIN, secret)))
    assert status == 401
