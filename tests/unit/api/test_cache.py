"""Campaigns are folded once, whoever asks and however often."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.api.cache import CampaignCache
from orchestrator.bootstrap import Workplace, open_workplace
from orchestrator.domain.errors import UnknownCampaign
from orchestrator.domain.events import Draft, LedgerEvent, NoteLeft
from orchestrator.engine.book import summarise
from orchestrator.store.holders import this_holder
from tests.builders import campaign_events
from tests.night import CAMPAIGN
from tests.unit.api.conftest import store


@pytest.fixture
def workplace(tmp_path: Path) -> Iterator[Workplace]:
    with open_workplace(f"sqlite:///{tmp_path / 'ledger.db'}") as opened:
        store(opened, campaign_events(6, is_finished=False), CAMPAIGN)
        yield opened


def leave_note(workplace: Workplace, cache: CampaignCache, text: str) -> tuple[LedgerEvent, ...]:
    followed = cache.get(CAMPAIGN)
    lease = workplace.ledger.acquire(f"campaign:{CAMPAIGN}", this_holder(), ttl=60.0)
    draft = Draft(at=followed.state.updated_at, actor="human:ann", data=NoteLeft(text=text))  # type: ignore[arg-type]
    events = workplace.ledger.append(
        CAMPAIGN, [draft], expected_seq=followed.state.seq, lease=lease, summary=summarise(CAMPAIGN, followed.state, "")
    )
    workplace.ledger.release(lease)
    return events


def count_reads(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows by the number of events of every read."""
    n_read: list[int] = []
    read = workplace.ledger.read

    def counting(stream: str, *, after: int = 0, limit: int | None = None) -> tuple[LedgerEvent, ...]:
        events = read(stream, after=after, limit=limit)
        n_read.append(len(events))
        return events

    monkeypatch.setattr(workplace.ledger, "read", counting)
    return n_read


def test_only_news_is_read_again(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = CampaignCache(workplace)
    first = cache.get(CAMPAIGN)
    seq = first.state.seq
    leave_note(workplace, cache, "the sample looks dark")
    n_read = count_reads(workplace, monkeypatch)
    again = cache.get(CAMPAIGN)
    assert again is first
    assert again.state.seq == seq + 1
    assert n_read == [1]
    cache.get(CAMPAIGN, seq=seq + 1)
    assert n_read == [1]


def test_news_comes_with_the_trial_it_is_about(workplace: Workplace) -> None:
    cache = CampaignCache(workplace)
    events = workplace.ledger.read(CAMPAIGN)
    told = cache.news(CAMPAIGN, events[-4:])
    assert [event.seq for event, _ in told] == [event.seq for event in events[-4:]]
    assert {trial.trial for _, trial in told if trial is not None} == {6}
    assert cache.news(CAMPAIGN, events[:2]) == ((events[0], None), (events[1], None))


def test_an_id_that_does_not_exist_takes_no_room(workplace: Workplace) -> None:
    cache = CampaignCache(workplace)
    for number in range(20):
        with pytest.raises(UnknownCampaign, match="see nightshift list"):
            cache.get(f"never-{number}")
    assert not cache._entries


def test_campaigns_that_nobody_asks_for_are_forgotten(workplace: Workplace) -> None:
    for name in ("second", "third"):
        store(workplace, campaign_events(6), name)
    cache = CampaignCache(workplace, most_campaigns=2)
    for name in (CAMPAIGN, "second", CAMPAIGN, "third"):
        cache.get(name)
    assert list(cache._entries) == [CAMPAIGN, "third"]
    cache = CampaignCache(workplace, most_trials=10)
    for name in (CAMPAIGN, "second"):
        cache.get(name)
    assert list(cache._entries) == ["second"]


def test_a_campaign_that_is_slow_to_fold_delays_no_other(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    store(workplace, campaign_events(4), "second")
    cache = CampaignCache(workplace)
    is_reading, may_go_on = threading.Event(), threading.Event()
    read = workplace.ledger.read

    def slow(stream: str, **rest: object) -> tuple[LedgerEvent, ...]:
        if stream == CAMPAIGN:
            is_reading.set()
            assert may_go_on.wait(20.0)
        return read(stream, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(workplace.ledger, "read", slow)
    thread = threading.Thread(target=cache.get, args=(CAMPAIGN,))
    thread.start()
    assert is_reading.wait(20.0)
    assert cache.get("second").state.trials
    may_go_on.set()
    thread.join()


def test_many_threads_at_once_see_every_event_once(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = CampaignCache(workplace)
    n_read = count_reads(workplace, monkeypatch)
    threads = [threading.Thread(target=cache.get, args=(CAMPAIGN,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cache.get(CAMPAIGN).state.seq == workplace.ledger.last_seq(CAMPAIGN)
    assert sum(n > 1 for n in n_read) == 1
