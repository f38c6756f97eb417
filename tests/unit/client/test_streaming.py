"""Following a campaign over connections that break."""

import itertools
from collections.abc import Iterator

import httpx
import pytest

from orchestrator.client import RequestRefused, ServerUnreachable
from orchestrator.client.streaming import Message, listen, messages
from orchestrator.wire.campaigns import CampaignStatus
from orchestrator.wire.streams import Heartbeat
from tests.unit.client.answers import CAMPAIGN, NOW, a_status, client, frame, ledger, refused, streamed

BROKEN = httpx.ReadError("connection reset")


def test_lines_become_messages_and_half_a_last_one_is_left_out():
    lines = [": hello", "event: ledger", "id: 7", "data: one", "data: two", "", "data:bare", "", "event: ledger", "data: torn"]
    assert list(messages(lines)) == [Message("ledger", "one\ntwo", "7"), Message("message", "bare")]


def test_a_broken_connection_is_taken_up_where_it_broke_and_nothing_is_missed_or_repeated():
    asked: list[str] = []
    responses = iter(
        [
            streamed(ledger(1, 2), BROKEN),
            streamed(ledger(2, 3, 4)),  # repeats one, then ends in good order
            refused(503, "starting", "not yet"),
            streamed([*ledger(5), frame("status", a_status("completed", seq=5))]),
        ]
    )

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["Last-Event-ID"])
        return next(responses)

    nightshift = client(answer)
    assert [event.seq for event in nightshift.follow(CAMPAIGN)] == [1, 2, 3, 4, 5]
    assert asked == ["0", "2", "4", "4"]


def test_following_a_campaign_that_is_over_ends_at_once():
    nightshift = client(lambda _: streamed([frame("status", a_status("aborted", seq=9))]))
    assert list(nightshift.follow(CAMPAIGN, after=9)) == []


def test_a_live_view_hears_statuses_and_heartbeats_too_and_nothing_it_does_not_know():
    beat = Heartbeat(now=NOW, seq=3)
    frames = [frame("status", a_status()), frame("beat", beat), frame("something-new", beat), *ledger(4)]
    nightshift = client(lambda _: streamed(frames))
    heard = list(itertools.islice(nightshift.listen(CAMPAIGN, after=3), 3))
    assert isinstance(heard[0], CampaignStatus)
    assert heard[1] == beat
    assert getattr(heard[2], "seq", None) == 4


def test_a_ledger_that_ends_before_what_we_knew_is_heard_from_its_beginning():
    frames = [b"event: reset\ndata: {}\n\n", *ledger(1, 2), frame("status", a_status("completed", seq=2))]
    assert [event.seq for event in client(lambda _: streamed(frames)).follow(CAMPAIGN, after=90)] == [1, 2]


def test_a_campaign_that_does_not_exist_is_not_asked_for_again():
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return refused(404, "unknown-campaign", "no campaign is called x")

    with pytest.raises(RequestRefused, match="no campaign is called x"):
        list(client(answer).follow(CAMPAIGN))
    assert len(asked) == 1


@pytest.mark.parametrize("is_refusing", [True, False], ids=["refuses", "ends each stream at once"])
def test_patience_ends(is_refusing: bool):
    def answer(request: httpx.Request) -> httpx.Response:
        if is_refusing:
            raise httpx.ConnectError("refused")
        return streamed([])

    def ticking() -> Iterator[float]:
        yield from (10.0 * n for n in itertools.count())

    clock, pauses = ticking(), []
    with pytest.raises(ServerUnreachable):
        list(listen(client(answer)._connection, CAMPAIGN, 0, patience=60, sleep=pauses.append, monotonic=lambda: next(clock)))
    assert pauses == [0.2, 0.5, 1.0, 2.0, 5.0, 5.0]
