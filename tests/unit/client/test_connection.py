"""What becomes of a request: answered, sent again, refused."""

import pickle

import httpx
import pytest

from orchestrator.client import NightshiftClient, RequestRefused, ServerProblem, ServerUnreachable, WaitedTooLong
from orchestrator.domain.changes import FixParameter
from orchestrator.domain.errors import BadInput
from orchestrator.wire.orders import Ordered
from orchestrator.wire.trials import Trials
from tests.unit.client.answers import CAMPAIGN, KEY, URL, a_status, a_trial, client, ok, refused

TAKEN = Ordered(campaign=CAMPAIGN, verb="pause", answer="paused", taken=True, status="paused")


def test_a_question_carries_the_key_and_gets_a_typed_answer():
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return ok(a_status())

    assert client(answer).status(CAMPAIGN).standing.sentence == "The campaign is running."
    assert str(asked[0].url) == f"{URL}/api/v1/campaigns/{CAMPAIGN}"
    assert asked[0].headers["Authorization"] == f"Bearer {KEY}"
    assert "Idempotency-Key" not in asked[0].headers


def test_an_order_whose_connection_fails_is_sent_again_under_the_same_key():
    keys: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Idempotency-Key"])
        if len(keys) < 3:
            raise httpx.ReadError("connection reset")
        return ok(TAKEN)

    nightshift = client(answer)
    assert nightshift.pause(CAMPAIGN).taken
    assert len(keys) == 3
    assert len(set(keys)) == 1
    nightshift.pause(CAMPAIGN)
    assert keys[-1] != keys[0], "another order is another change"


def test_a_busy_server_is_asked_again_after_the_time_it_asks_for():
    waited: list[float] = []
    answers = iter([httpx.Response(429, headers={"Retry-After": "3"}), httpx.Response(503), ok(a_status())])
    nightshift = client(lambda _: next(answers))
    nightshift._connection._sleep = waited.append
    assert nightshift.status(CAMPAIGN).n_trials == 2
    assert waited == [3.0, 0.4]


def test_an_order_that_is_still_being_carried_out_is_waited_for():
    pending = refused(409, "still-being-answered", "not answered yet")
    answers = iter([httpx.ReadTimeout("slow"), *[pending] * 6, ok(TAKEN)])
    keys: set[str] = set()

    def answer(request: httpx.Request) -> httpx.Response:
        keys.add(request.headers["Idempotency-Key"])
        match next(answers):
            case httpx.Response() as response:
                return response
            case error:
                raise error

    assert client(answer).pause(CAMPAIGN).taken
    assert len(keys) == 1


def test_a_server_that_is_not_there_is_named_with_the_way_out():
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(ServerUnreachable, match=f"{URL} does not answer .*nightshift serve"):
        client(answer).status(CAMPAIGN)


def test_a_refusal_says_status_type_and_detail_and_survives_pickling():
    nightshift = client(lambda _: refused(409, "wrong-state", "campaign x is completed; it cannot pause any more"))
    with pytest.raises(RequestRefused) as caught:
        nightshift.pause(CAMPAIGN)
    error = pickle.loads(pickle.dumps(caught.value))  # noqa: S301  (our own)
    assert (error.status, error.type, str(error)) == (409, "/problems/wrong-state", "campaign x is completed; it cannot pause any more")
    assert isinstance(error, BadInput)


def test_a_failure_of_the_server_is_no_bad_input():
    with pytest.raises(ServerProblem) as caught:
        client(lambda _: refused(500, "internal", "something broke")).status(CAMPAIGN)
    assert not isinstance(caught.value, BadInput)


def test_an_address_where_something_else_answers_is_recognised():
    with pytest.raises(ServerProblem, match="not as Nightshift does"):
        client(lambda _: httpx.Response(404, text="<html>nginx</html>")).status(CAMPAIGN)
    with pytest.raises(ServerProblem, match="does not understand"):
        client(lambda _: httpx.Response(200, text="{}")).status(CAMPAIGN)


@pytest.mark.parametrize(("url", "key"), [("beamline.example", KEY), ("file:///etc", KEY), (URL, ""), (URL, "ns_é"), (URL, "two words")])
def test_what_cannot_be_an_address_or_a_key_is_refused_before_anything_is_sent(url: str, key: str):
    with pytest.raises(BadInput, match=r"address|key"):
        NightshiftClient(url, key)


def test_a_campaign_id_stays_one_part_of_the_path():
    asked: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path)
        return ok(a_status())

    client(answer).status("../keys?x=1")
    assert asked == [b"/api/v1/campaigns/..%2Fkeys%3Fx%3D1"]


def test_trials_come_page_by_page_without_a_gap():
    def answer(request: httpx.Request) -> httpx.Response:
        after = int(request.url.params["after"])
        numbers = range(after + 1, min(after + 3, 8))
        return ok(Trials(trials=tuple(a_trial(number) for number in numbers), next=numbers[-1] if numbers[-1] < 7 else None, seq=40))

    assert [trial.trial for trial in client(answer).trials(CAMPAIGN)] == [1, 2, 3, 4, 5, 6, 7]
    assert [trial.trial for trial in client(answer).trials(CAMPAIGN, after=5)] == [6, 7]


def test_a_change_goes_out_as_the_api_reads_it():
    bodies: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        return ok(TAKEN)

    client(answer).change(CAMPAIGN, FixParameter(parameter="x", value=1.5), "it drifts")
    assert bodies == [b'{"change":{"type":"fix-parameter","parameter":"x","value":1.5},"note":"it drifts"}']


def test_waiting_ends_when_the_status_is_right_or_the_time_is_over():
    answers = iter([a_status(n_trials=1), a_status(n_trials=2), a_status(n_trials=3)])
    nightshift = client(lambda _: ok(next(answers)))
    assert nightshift.wait_until(CAMPAIGN, lambda status: status.n_trials == 3, 10, poll=0).n_trials == 3
    with pytest.raises(WaitedTooLong, match=r"did not get there within 0 s; it is running, 2 trials"):
        client(lambda _: ok(a_status())).wait_until(CAMPAIGN, lambda _: False, 0, poll=0)
