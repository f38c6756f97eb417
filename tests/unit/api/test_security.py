"""Who is let in, and what is refused before any route sees it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from orchestrator.api.security.bodies import MAX_BYTES
from orchestrator.api.security.keys import digest
from orchestrator.api.security.sessions import COOKIE
from orchestrator.api.security.throttle import LoginThrottle, RateLimit
from orchestrator.domain.access import LoginLink, Role
from tests.night import CAMPAIGN
from tests.unit.api.conftest import ADDRESS, Api

STATUS = f"/api/v1/campaigns/{CAMPAIGN}"
NOTE = f"/api/v1/campaigns/{CAMPAIGN}/notes"


def browser(api: Api, role: Role = Role.OPERATOR) -> tuple[TestClient, dict[str, str]]:
    """Return a logged-in browser and the headers its pages send with changes."""
    client = api.client(None)
    answer = client.post("/api/v1/session", json={"key": api.secrets[role]})
    assert answer.status_code == 200, answer.text
    return client, {"X-CSRF-Token": answer.json()["csrf"], "Origin": ADDRESS}


def test_nobody_gets_in_without_a_key_not_even_from_this_machine(api: Api) -> None:
    answer = api.client(None).get(STATUS)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "nightshift serve" in answer.json()["detail"]


def test_a_key_opens_what_its_role_includes_and_a_refusal_is_on_record(api: Api) -> None:
    assert api.client(Role.OBSERVER).get(STATUS).status_code == 200
    answer = api.client(Role.OBSERVER).post(NOTE, json={"text": "hello"})
    assert answer.status_code == 403
    assert "takes the role operator" in answer.json()["detail"]
    assert api.workplace.ledger.read("system")[-1].type == "request-refused"
    assert api.client(Role.OPERATOR).post(NOTE, json={"text": "hello"}).status_code == 200


@pytest.mark.parametrize("forged", ["", "ns_", "ns_abcdefgh_wrong", "ns__", "x" * 5000, "Bearer", "ns_abcdefgh"])
def test_a_made_up_key_is_none(api: Api, forged: str) -> None:
    assert api.client(None).get(STATUS, headers={"Authorization": f"Bearer {forged}"}).status_code == 401


def test_a_key_ends_with_its_time_even_if_the_clock_jumps(api: Api) -> None:
    client = api.client(Role.OBSERVER)
    api.clock.shift = timedelta(days=31)
    assert client.get(STATUS).status_code == 401
    api.clock.shift = timedelta()
    assert client.get(STATUS).status_code == 200


def test_a_revoked_key_ends_at_once_and_so_does_the_session_opened_with_it(api: Api) -> None:
    client, _ = browser(api)
    admin = api.client(Role.ADMIN)
    key = next(key for key in admin.get("/api/v1/keys").json()["keys"] if key["role"] == "operator")
    assert admin.delete(f"/api/v1/keys/{key['id']}").status_code == 204
    assert client.get(STATUS).status_code == 401
    assert api.client(Role.OPERATOR).get(STATUS).status_code == 401
    assert admin.delete(f"/api/v1/keys/{key['id']}").status_code == 409


def test_a_new_keys_secret_is_told_once_and_works(api: Api) -> None:
    admin = api.client(Role.ADMIN)
    made = admin.post("/api/v1/keys", json={"name": "phone", "role": "observer", "days": 1}).json()
    client = api.client(None)
    assert client.get(STATUS, headers={"Authorization": f"Bearer {made['secret']}"}).status_code == 200
    listed = admin.get("/api/v1/keys").text
    assert made["secret"] not in listed
    assert "secret" not in listed
    assert [event.type for event in api.workplace.ledger.read("system")] == ["key-created"]


def test_a_browser_stays_logged_in_for_a_night(api: Api) -> None:
    client, _ = browser(api)
    assert client.get("/api/v1/session").json()["name"] == "the-operator"
    api.clock.shift = timedelta(hours=13)
    assert client.get("/api/v1/session").status_code == 401


def test_the_cookie_cannot_be_read_by_scripts_nor_sent_from_other_sites(make_api: Callable[..., Api]) -> None:
    api = make_api(is_https=True)
    answer = api.client(None).post("/api/v1/session", json={"key": api.secrets[Role.OBSERVER]})
    cookie = answer.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "samesite=strict", "secure", "path=/"))
    assert "max-age=31536000" in answer.headers["strict-transport-security"]


def test_a_forged_cookie_is_none(api: Api) -> None:
    client, _ = browser(api)
    genuine = client.cookies[COOKIE]
    for forged in (genuine[:-2] + "xx", "e30.abc", genuine.split(".")[0], ""):
        stranger = api.client(None)
        stranger.cookies.set(COOKIE, forged)
        assert stranger.get(STATUS).status_code == 401


def test_a_change_needs_the_token_only_our_pages_have(api: Api) -> None:
    client, headers = browser(api)
    assert client.post(NOTE, json={"text": "x"}, headers={"Origin": ADDRESS}).status_code == 403
    assert client.post(NOTE, json={"text": "x"}, headers={**headers, "X-CSRF-Token": "guess"}).status_code == 403
    assert client.post(NOTE, json={"text": "x"}, headers=headers).status_code == 200


@pytest.mark.parametrize("sent", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_cross_site_post_is_refused_though_the_cookie_came_along(api: Api, sent: dict[str, str]) -> None:
    client, headers = browser(api)
    answer = client.post(NOTE, json={"text": "x"}, headers={"X-CSRF-Token": headers["X-CSRF-Token"], **sent})
    assert answer.status_code == 403
    assert "another site" in answer.json()["detail"]


def test_an_origin_that_was_configured_is_ours(make_api: Callable[..., Api]) -> None:
    api = make_api(origins=("https://beamline.example",))
    client = api.client(None)
    answer = client.post("/api/v1/session", json={"key": api.secrets[Role.OBSERVER]}, headers={"Origin": "https://beamline.example"})
    assert answer.status_code == 200


def test_a_foreign_name_that_points_at_this_machine_is_not_answered(api: Api) -> None:
    assert api.client(Role.ADMIN).get(STATUS, headers={"Host": "evil.example"}).status_code == 403


def test_a_login_link_works_once(api: Api) -> None:
    link = LoginLink(token_sha256=digest("token"), name="ada", role=Role.ADMIN, expires_at=api.clock() + timedelta(minutes=10))
    api.workplace.access.add_link(link)
    client = api.client(None)
    first = client.get("/login?link=token")
    assert (first.status_code, first.headers["location"]) == (303, "/")
    assert client.get("/api/v1/session").json()["role"] == "admin"
    assert api.client(None).get("/login?link=token").headers["location"] == "/sign-in?used=1"
    assert [event.type for event in api.workplace.ledger.read("system")] == ["logged-in", "login-refused"]


def test_wrong_keys_make_the_next_try_wait_longer_and_longer() -> None:
    now = [0.0]
    throttle = LoginThrottle(lambda: now[0])
    for _ in range(LoginThrottle.FREE):
        throttle.failed("10.0.0.1")
        throttle.check("10.0.0.1")
    throttle.failed("10.0.0.1")
    with pytest.raises(Exception, match="wait 2 s"):
        throttle.check("10.0.0.1")
    throttle.check("10.0.0.2")
    now[0] = 2.1
    throttle.check("10.0.0.1")
    for _ in range(20):
        throttle.failed("10.0.0.1")
    with pytest.raises(Exception, match="wait 300 s"):
        throttle.check("10.0.0.1")


def test_a_caller_who_asks_too_often_is_told_when_to_come_back() -> None:
    now = [0.0]
    limit = RateLimit(per_second=10, burst=5, monotonic=lambda: now[0])
    for _ in range(5):
        limit.take("key")
    with pytest.raises(Exception, match="more than 10 requests a second"):
        limit.take("key")
    limit.take("another")
    now[0] = 0.1
    limit.take("key")


def test_somebody_a_trusted_proxy_vouches_for_is_known_by_name(make_api: Callable[..., Api]) -> None:
    api = make_api(trusted_proxies=("testclient",), proxy_user_header="X-Remote-User", proxy_role="operator")
    client = api.client(None)
    who = client.get("/api/v1/session", headers={"X-Remote-User": "ada"}).json()
    assert (who["name"], who["role"]) == ("ada", "operator")
    refused = client.delete("/api/v1/session", headers={"X-Remote-User": "ada"})
    assert refused.status_code == 403
    passed = client.delete("/api/v1/session", headers={"X-Remote-User": "ada", "X-CSRF-Token": who["csrf"]})
    assert passed.status_code == 204


def test_the_sign_on_header_from_anywhere_else_means_nothing(make_api: Callable[..., Api]) -> None:
    api = make_api(trusted_proxies=("10.1.2.3",), proxy_user_header="X-Remote-User", proxy_role="admin")
    assert api.client(None).get("/api/v1/session", headers={"X-Remote-User": "ada"}).status_code == 401


def test_a_server_that_only_shows_takes_no_command_from_anybody(make_api: Callable[..., Api]) -> None:
    api = make_api(read_only=True)
    answer = api.client(Role.ADMIN).post(NOTE, json={"text": "x"})
    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/read-only"
    assert api.client(None).post("/api/v1/session", json={"key": api.secrets[Role.OBSERVER]}).status_code == 200


def test_a_body_that_is_too_large_is_not_read_whether_it_says_so_or_not(api: Api) -> None:
    client = api.client(Role.OPERATOR)
    assert client.post(NOTE, content=b"x" * (MAX_BYTES + 1)).status_code == 413
    chunks = (b"x" * 65536 for _ in range(MAX_BYTES // 65536 + 2))
    assert client.post(NOTE, content=chunks).status_code == 413


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"{", 400, "body"),
        (b"\xff", 400, "body"),
        (b"{}", 422, "body.text"),
        (b'{"text": 5}', 422, "body.text"),
        (b'{"text": "x", "colour": 1}', 422, "body.colour"),
        (b'{"text": "%s"}' % (b"x" * 3000), 422, "body.text"),
    ],
)
def test_what_is_wrong_with_a_body_is_named_by_place_and_value(api: Api, body: bytes, status: int, said: str) -> None:
    answer = api.client(Role.OPERATOR).post(NOTE, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    assert said in answer.json()["detail"]


@pytest.mark.parametrize("path", ["../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e", "a/b", "x%00y", "night 1"])
def test_tricks_with_paths_lead_nowhere(api: Api, path: str) -> None:
    assert api.client(Role.ADMIN).get(f"/api/v1/campaigns/{path}").status_code in (404, 422)


def test_an_unknown_campaign_is_named(api: Api) -> None:
    answer = api.client().get("/api/v1/campaigns/never-seen")
    assert answer.status_code == 404
    assert "never-seen" in answer.json()["detail"]


def test_every_answer_forbids_scripts_and_frames_of_others(api: Api) -> None:
    for answer in (api.client().get(STATUS), api.client(None).get("/nowhere"), api.client(None).post("/api/v1/session", json={})):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_change_sent_twice_happens_once(api: Api) -> None:
    client = api.client(Role.OPERATOR)
    first = client.post(NOTE, json={"text": "once"}, headers={"Idempotency-Key": "k1"})
    again = client.post(NOTE, json={"text": "once"}, headers={"Idempotency-Key": "k1"})
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert len(api.workplace.ledger.read("system")) == 1


def test_a_replayed_key_with_another_body_is_refused_and_changes_nothing(api: Api) -> None:
    client = api.client(Role.OPERATOR)
    client.post(NOTE, json={"text": "once"}, headers={"Idempotency-Key": "k1"})
    answer = client.post(NOTE, json={"text": "twice"}, headers={"Idempotency-Key": "k1"})
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/misused-idempotency-key"
    assert len(api.workplace.ledger.read("system")) == 1


def test_two_callers_may_choose_the_same_key(api: Api) -> None:
    for role in (Role.OPERATOR, Role.ADMIN):
        answer = api.client(role).post(NOTE, json={"text": role}, headers={"Idempotency-Key": "k1"})
        assert answer.status_code == 200
    assert len(api.workplace.ledger.read("system")) == 2


def test_a_refused_change_may_be_sent_again(api: Api) -> None:
    client = api.client(Role.OPERATOR)
    pause = f"/api/v1/campaigns/{CAMPAIGN}/pause"
    assert client.post(pause, json={}, headers={"Idempotency-Key": "k2"}).status_code == 409
    assert client.post(pause, json={}, headers={"Idempotency-Key": "k2"}).status_code == 409
