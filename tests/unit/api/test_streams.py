"""Streams over real sockets: every viewer hears every ledger event exactly once and in order, whoever else is slow or leaves."""

import selectors
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from orchestrator.api.streams.batches import Batch
from orchestrator.api.streams.campaign_feed import PAGE
from orchestrator.api.streams.hub import Hub
from orchestrator.api.streams.ring import Ring
from orchestrator.api.streams.seats import Seats
from orchestrator.bootstrap import Workplace, open_workplace
from orchestrator.domain.access import Role
from orchestrator.wire.campaigns import CampaignStatus
from orchestrator.wire.overview import Fleet
from orchestrator.wire.streams import StreamedEvent
from tests.builders import campaign_events
from tests.served import make_key, served
from tests.streaming import SECONDS, Viewer, Writer

CAMPAIGN = "watched-1"
PATH = f"/api/v1/campaigns/{CAMPAIGN}/stream"
EVENTS = campaign_events(40)
N = len(EVENTS)


@pytest.fixture
def workplace(tmp_path: Path) -> Iterator[Workplace]:
    with open_workplace(f"sqlite:///{tmp_path / 'ledger.db'}") as opened:
        yield opened


@pytest.fixture
def streams() -> Hub:
    return Hub()


@pytest.fixture
def url(workplace: Workplace, streams: Hub) -> Iterator[str]:
    with served(workplace, streams) as address:
        yield address


@pytest.fixture
def watch(workplace: Workplace, url: str) -> Iterator[Callable[..., Viewer]]:
    """Open streams that are closed again after the test."""
    opened: list[Viewer] = []
    key = make_key(workplace, Role.OBSERVER)

    def open_stream(path: str = PATH, key: str = key, **options: int) -> Viewer:
        opened.append(Viewer(url, key, path, **options))
        return opened[-1]

    yield open_stream
    for viewer in opened:
        viewer.close()


def wait_until(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it did not become so"
        time.sleep(0.01)


def read_all(viewers: list[Viewer], last: int) -> None:
    """Receive for all of them until each has the last event."""
    mark = f"id: {last}\n".encode()
    with selectors.DefaultSelector() as waiting:
        for viewer in viewers:
            waiting.register(viewer.connection, selectors.EVENT_READ, viewer)
        deadline = time.monotonic() + SECONDS
        while waiting.get_map():
            assert time.monotonic() < deadline, f"{len(waiting.get_map())} viewers do not have event {last}"
            for key, _ in waiting.select(1.0):
                viewer: Viewer = key.data
                assert viewer.take(), "a stream ended"
                if mark in viewer.received and viewer.seqs[-1:] == [last]:
                    waiting.unregister(viewer.connection)


def test_every_one_of_many_viewers_hears_every_event_exactly_once_and_in_order(workplace: Workplace, url: str) -> None:
    writer = Writer(workplace, CAMPAIGN, EVENTS)
    writer.write(1)
    keys = [make_key(workplace, Role.OBSERVER) for _ in range(4)]
    viewers = [Viewer(url, keys[number % 4], PATH) for number in range(60)]
    writing = threading.Thread(target=writer.write_all, args=(3, 0.005))
    writing.start()
    try:
        read_all(viewers, N)
        assert {tuple(viewer.seqs) for viewer in viewers} == {tuple(range(1, N + 1))}
    finally:
        writing.join()
        for viewer in viewers:
            viewer.close()


def test_what_is_streamed_says_what_happened_and_how_the_trial_and_the_campaign_stand(workplace, watch) -> None:
    writer = Writer(workplace, CAMPAIGN, EVENTS)
    writer.write_all(50)
    viewer = watch()
    viewer.read_until(N)
    while not any(event.event == "beat" for event in viewer.events):
        viewer.take()
    streamed = [StreamedEvent.model_validate_json(event.data) for event in viewer.events if event.event == "ledger"]
    assert [event.type for event in streamed] == [event.type for event in EVENTS]
    scored = next(event for event in streamed if event.type == "trial-scored")
    assert scored.text.startswith("trial 1, flux = ")
    assert scored.trial is not None
    assert scored.trial.scores["flux"].value is not None
    statuses = [CampaignStatus.model_validate_json(event.data) for event in viewer.events if event.event == "status"]
    assert statuses[-1].status == "completed"
    assert statuses[-1].seq == N


@pytest.mark.parametrize("known", [0, 1, 99, 100, 101, N - 1])
def test_a_client_that_comes_back_misses_nothing_and_hears_nothing_twice(workplace, watch, known: int) -> None:
    Writer(workplace, CAMPAIGN, EVENTS).write_all(50)
    assert watch(last_event_id=known).read_until(N) == list(range(known + 1, N + 1))
    assert watch(f"{PATH}?after={known}").read_until(N) == list(range(known + 1, N + 1))


def test_a_browser_that_reconnects_goes_on_after_its_last_event_whatever_its_address_says(workplace, watch) -> None:
    Writer(workplace, CAMPAIGN, EVENTS).write_all(50)
    assert watch(f"{PATH}?after=3", last_event_id=N - 2).read_until(N) == [N - 1, N]


def test_whoever_knows_events_of_another_ledger_begins_anew(workplace, watch) -> None:
    Writer(workplace, CAMPAIGN, EVENTS).write_all(50)
    viewer = watch(last_event_id=10**6)
    assert viewer.read_until(N) == list(range(1, N + 1))
    assert viewer.events[0].event == "reset"


def has_ended(viewer: Viewer) -> bool:
    """Receive what there is, and return whether the server ended the stream."""
    try:
        while viewer.take():
            pass
    except ConnectionResetError:
        pass
    except TimeoutError:
        return False
    return True


@pytest.mark.parametrize("streams", [Hub(patience=1.0)])
def test_a_client_that_does_not_read_delays_nobody_and_is_dropped(workplace: Workplace, streams: Hub, watch) -> None:
    many = campaign_events(400)
    writer = Writer(workplace, CAMPAIGN, many)
    writer.write(1)
    asleep, awake = watch(receive_buffer=1024), watch()
    assert awake.read_until(1) == [1]
    writing = threading.Thread(target=writer.write_all, args=(100,))
    writing.start()
    assert awake.read_until(len(many)) == list(range(1, len(many) + 1))
    writing.join()
    wait_until(lambda: streams.seats.n_taken == 1)
    assert has_ended(asleep)
    assert asleep.seqs[-1] < len(many)
    assert asleep.seqs == list(range(1, len(asleep.seqs) + 1))


@pytest.mark.parametrize("streams", [Hub(recheck_seconds=0.0)])
def test_a_stream_ends_with_the_key_it_was_opened_with(workplace: Workplace, streams: Hub, watch) -> None:
    writer = Writer(workplace, CAMPAIGN, EVENTS)
    writer.write(1)
    viewer = watch()
    viewer.read_until(1)
    for key in workplace.access.keys():  # noqa: SIM118  (records, not a mapping)
        workplace.access.revoke_key(key.id, datetime.now(UTC))
    writer.write(1)
    assert has_ended(viewer)
    wait_until(lambda: streams.n_feeds == 0)


@pytest.mark.parametrize("streams", [Hub(Seats(most=3, most_per_caller=2))])
def test_there_is_room_for_so_many_and_whoever_leaves_makes_some(workplace: Workplace, url: str, streams: Hub, watch) -> None:
    Writer(workplace, CAMPAIGN, EVENTS).write(1)
    ours, others = watch(), make_key(workplace, Role.OBSERVER)
    for viewer in (ours, watch()):
        viewer.read_until(1)
    assert refused(url, ours.key) == (429, "too-many-requests")
    watch(key=others).read_until(1)
    assert refused(url, others) == (503, "too-many-viewers")
    ours.close()
    wait_until(lambda: streams.seats.n_taken == 2)
    watch(key=others).read_until(1)


def refused(url: str, key: str) -> tuple[int, str]:
    answer = httpx.get(url + PATH, headers={"Authorization": f"Bearer {key}"})
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")


def test_a_stream_of_no_campaign_is_refused(url: str, workplace: Workplace) -> None:
    assert refused(url, make_key(workplace, Role.OBSERVER)) == (404, "unknown-campaign")


def test_nobody_watches_and_nothing_is_followed(workplace: Workplace, streams: Hub, watch) -> None:
    Writer(workplace, CAMPAIGN, EVENTS).write(1)
    viewers = [watch(), watch(), watch("/api/v1/stream")]
    for viewer in viewers[:2]:
        viewer.read_until(1)
    wait_until(lambda: streams.n_feeds == 2)
    for viewer in viewers:
        viewer.close()
    wait_until(lambda: streams.n_feeds == 0)


def test_the_start_page_hears_of_a_new_campaign_and_of_nothing_when_nothing_happens(workplace: Workplace, watch) -> None:
    viewer = watch("/api/v1/stream")
    wait_until(lambda: viewer.take() and "fleet" in {event.event for event in viewer.events})
    Writer(workplace, CAMPAIGN, EVENTS).write(20)
    wait_until(lambda: viewer.take() and len(fleets(viewer)) == 2)
    assert [len(fleet.campaigns) for fleet in fleets(viewer)] == [0, 1]


def fleets(viewer: Viewer) -> list[Fleet]:
    return [Fleet.model_validate_json(event.data) for event in viewer.events if event.event == "fleet"]


def test_the_ring_and_the_pages_of_the_ledger_meet_without_a_gap() -> None:
    """Who falls behind the ring is served from pages; every place to fall behind to is tried."""
    source = Numbers(1000)
    ring = Ring(after=0)
    while (batch := source.batch(ring.head, 7)) is not None:
        ring.add(batch)
    for seq in range(1000):
        is_near = ring.holds(seq)
        assert is_near or (seq // PAGE + 1) * PAGE <= ring.head, "a page that is not full yet would be kept too short"
        batch = ring.after(seq) if is_near else source.batch(seq // PAGE * PAGE, PAGE)
        assert batch is not None
        assert int(batch.after(seq).split()[0]) == seq + 1
    assert not ring.holds(0)


class Numbers:
    """A campaign whose frames are their own numbers, and very large."""

    def __init__(self, n: int) -> None:
        self._n = n

    def batch(self, after: int, limit: int) -> Batch | None:
        frames = [f"{seq} ".encode().ljust(5000, b".") + b" " for seq in range(after + 1, min(self._n, after + limit) + 1)]
        return Batch.of(after + 1, frames) if frames else None
