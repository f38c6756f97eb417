"""What a stranger, a curious observer or a lost answer may not lead to."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from orchestrator.api import idempotency
from orchestrator.api.app import build_app
from orchestrator.api.options import ServeOptions
from orchestrator.api.security.keys import digest
from orchestrator.api.security.throttle import LoginThrottle, Sparing
from orchestrator.api.services import Services
from orchestrator.bootstrap import open_workplace
from orchestrator.domain.access import RememberedAnswer, Role
from tests.night import CAMPAIGN
from tests.unit.api.conftest import ADDRESS, Api
from tests.unit.api.test_security import NOTE, STATUS, browser


def test_a_new_keys_secret_is_kept_nowhere_not_even_to_answer_again(api: Api) -> None:
    admin = api.client(Role.ADMIN)
    sent = {"json": {"name": "phone", "role": "observer"}, "headers": {"Idempotency-Key": "k1"}}
    first, again = admin.post("/api/v1/keys", **sent), admin.post("/api/v1/keys", **sent)
    secret = first.json()["secret"].split("_", 2)[2]
    assert len(secret) > 40
    assert again.headers["idempotency-replayed"] == "true"
    assert (again.status_code, again.json()) == (201, {"key": first.json()["key"], "secret": ""})
    stored = b"".join(path.read_bytes() for path in Path(api.workplace.url.removeprefix("sqlite:///")).parent.glob("ledger.db*"))
    assert digest(secret).encode() in stored
    assert secret.encode() not in stored


def test_remembered_answers_are_forgotten_after_a_day(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "_TIDY_SECONDS", 0.0)
    client = api.client(Role.OPERATOR)
    client.post(NOTE, json={"text": "once"}, headers={"Idempotency-Key": "k1"})
    api.clock.shift = timedelta(hours=25)
    client.post(NOTE, json={"text": "later"}, headers={"Idempotency-Key": "k2"})
    (key,) = (key for key in api.workplace.access.keys() if key.role is Role.OPERATOR)  # noqa: SIM118  (no mapping)
    claim = RememberedAnswer(key=f"{key.id}:k1", request_sha256="0" * 64, at=api.clock())
    assert api.workplace.access.begin_answer(claim) is None


def test_an_observer_who_tries_again_and_again_fills_no_ledger(api: Api) -> None:
    client = api.client(Role.OBSERVER)
    for _ in range(10):
        assert client.post(NOTE, json={"text": "x"}).status_code == 403
    assert [event.type for event in api.workplace.ledger.read("system")] == ["request-refused"]


def test_a_cross_site_change_in_somebodys_name_is_on_record(api: Api) -> None:
    client, _ = browser(api)
    client.post(NOTE, json={"text": "x"}, headers={"Origin": "https://evil.example"})
    refused = api.workplace.ledger.read("system")[-1]
    assert (refused.type, refused.actor) == ("request-refused", "human:the-operator")


def test_what_is_said_sparingly_is_said_again_after_a_while_and_remembered_within_bounds() -> None:
    now = [0.0]
    sparing = Sparing(lambda: now[0], most_known=3)
    assert [sparing.is_news("a"), sparing.is_news("a"), sparing.is_news("b")] == [True, False, True]
    now[0] = 61.0
    assert sparing.is_news("a")
    for who in "cdef":
        sparing.is_news(who)
    assert sparing.is_news("a"), "the oldest is forgotten first"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": b"http://["},
        {"Origin": b"\x80"},
        {"Host": b"["},
        {"Host": b"[evil]"},
        {"Host": b""},
        {"X-CSRF-Token": b"\xff"},
        {"Cookie": b"nightshift_session=\xff"},
        {"Authorization": b"Bearer \xff"},
        {"Idempotency-Key": b"\x80"},
        {"Idempotency-Key": b"k" * 201},
    ],
    ids=str,
)
def test_a_header_nobody_can_make_sense_of_is_refused_and_no_mistake_of_ours(api: Api, headers: dict[str, bytes]) -> None:
    client, own = browser(api)
    answer = client.post(NOTE, json={"text": "x"}, headers={**{name: value.encode() for name, value in own.items()}, **headers})
    assert answer.status_code in (401, 403, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"text":' * 50_000 + b"1" + b"}" * 50_000,
        b'{"text": "\\u0000", "a":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b"9" * 5000,
    ],
    ids=["lists", "objects", "zero and lists", "a long number"],
)
def test_a_body_without_end_is_refused_and_no_mistake_of_ours(api: Api, body: bytes) -> None:
    answer = api.client(Role.OPERATOR).post(NOTE, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422), answer.text


def test_who_is_logged_in_may_log_in_again_with_a_better_key(api: Api) -> None:
    client, _ = browser(api, Role.OBSERVER)
    answer = client.post("/api/v1/session", json={"key": api.secrets[Role.ADMIN]}, headers={"Origin": ADDRESS})
    assert (answer.status_code, answer.json()["role"]) == (200, "admin")
    foreign = client.post("/api/v1/session", json={"key": api.secrets[Role.OBSERVER]}, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403


def test_wrong_keys_through_a_proxy_count_against_who_sent_them(make_api: Callable[..., Api]) -> None:
    api = make_api(trusted_proxies=("testclient",))
    client = api.client(None)
    for _ in range(LoginThrottle.FREE + 1):
        client.post("/api/v1/session", json={"key": "ns_wrong"}, headers={"X-Forwarded-For": "6.6.6.6, 10.0.0.66"})
    guesser, other = ({"X-Forwarded-For": f"6.6.6.6, {address}"} for address in ("10.0.0.66", "10.0.0.7"))
    right = {"key": api.secrets[Role.OBSERVER]}
    waiting = client.post("/api/v1/session", json=right, headers=guesser)
    assert (waiting.status_code, waiting.headers["retry-after"]) == (429, "2")
    assert client.post("/api/v1/session", json=right, headers=other).status_code == 200


def test_an_address_that_anybody_could_write_does_not_count(make_api: Callable[..., Api]) -> None:
    api = make_api()
    client = api.client(None)
    answers = [
        client.post("/api/v1/session", json={"key": "ns_wrong"}, headers={"X-Forwarded-For": f"10.0.0.{n}"}).status_code
        for n in range(LoginThrottle.FREE + 2)
    ]
    assert answers[-1] == 429


def test_a_replica_that_cannot_write_still_shows_and_lets_people_in(api: Api) -> None:
    with open_workplace(api.workplace.url, read_only=True) as place:
        app = build_app(Services(place, place.access, b"s" * 32, ServeOptions(read_only=True)))
        client = TestClient(app, base_url=ADDRESS, raise_server_exceptions=False, follow_redirects=False)
        opened = client.post("/api/v1/session", json={"key": api.secrets[Role.OPERATOR]})
        assert opened.status_code == 200
        assert client.get(STATUS).json()["campaign"] == CAMPAIGN
        assert client.get("/login?link=guess").status_code == 303
        assert client.delete("/api/v1/session", headers={"X-CSRF-Token": opened.json()["csrf"]}).status_code == 204
    assert api.workplace.ledger.read("system") == ()
