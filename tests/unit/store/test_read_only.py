"""A ledger opened for reading: what others write is seen, and nothing can be written by mistake."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from orchestrator.domain.errors import LedgerUnusable, ReadOnly
from orchestrator.domain.ports import Command, Lease, Ledger
from orchestrator.store.holders import this_holder
from orchestrator.store.opening import open_ledger
from orchestrator.testing.access_contract import make_key, make_link
from orchestrator.testing.fakes import EVENING
from orchestrator.testing.store_contract import CAMPAIGN, drafts, summary_of


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ledger.db'}"


@pytest.fixture
def writer(url: str) -> Iterator[Ledger]:
    ledger = open_ledger(url)
    yield ledger
    ledger.close()


@pytest.fixture
def reader(url: str, writer: Ledger) -> Iterator[Ledger]:
    ledger = open_ledger(url, read_only=True)
    yield ledger
    ledger.close()


@pytest.fixture
def lease(writer: Ledger) -> Lease:
    return writer.acquire(f"campaign:{CAMPAIGN}", this_holder(), ttl=60.0)


def test_what_is_appended_elsewhere_is_seen_at_once(reader: Ledger, writer: Ledger, lease: Lease) -> None:
    written = writer.append(CAMPAIGN, drafts(3), expected_seq=0, lease=lease, summary=summary_of())
    assert reader.read(CAMPAIGN) == written
    reader.verify(CAMPAIGN)


WRITES: dict[str, Callable[[Ledger, Lease], object]] = {
    "append": lambda ledger, lease: ledger.append(CAMPAIGN, drafts(1), expected_seq=0, lease=lease, summary=summary_of()),
    "append_note": lambda ledger, _: ledger.append_note("system", drafts(1)[0]),
    "acquire": lambda ledger, _: ledger.acquire("instrument:x", this_holder(), ttl=1.0),
    "renew": lambda ledger, lease: ledger.renew(lease, ttl=1.0),
    "release": lambda ledger, lease: ledger.release(lease),
    "send": lambda ledger, _: ledger.send(Command(0, CAMPAIGN, EVENING, "ada", "stop")),
    "add_key": lambda ledger, _: ledger.access.add_key(make_key()),
    "revoke_key": lambda ledger, _: ledger.access.revoke_key("abcd2345", EVENING),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_every_write_is_refused(reader: Ledger, lease: Lease, write: Callable[[Ledger, Lease], object]) -> None:
    with pytest.raises(ReadOnly, match="reading only"):
        write(reader, lease)


def test_people_can_log_in_with_keys_made_elsewhere_and_with_links_of_this_process(reader: Ledger, writer: Ledger) -> None:
    writer.access.add_key(make_key())
    reader.access.touch_key("abcd2345", EVENING)
    assert reader.access.key("abcd2345") == make_key()
    reader.access.add_link(make_link())
    assert writer.access.use_link("b" * 64, EVENING) is None
    assert reader.access.use_link("b" * 64, EVENING + timedelta(minutes=1)) == make_link()


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnusable, match="there is no ledger"):
        open_ledger(f"sqlite:///{tmp_path / 'none.db'}", read_only=True)
    assert not list(tmp_path.iterdir())


def test_tables_of_another_version_are_not_upgraded_by_a_reader(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    with pytest.raises(LedgerUnusable, match="no ledger's tables, but"):
        open_ledger(f"sqlite:///{tmp_path / 'empty.db'}", read_only=True)


def test_a_copy_that_was_closed_in_good_order_is_read_where_nothing_can_be_written(
    url: str, writer: Ledger, lease: Lease, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer.append(CAMPAIGN, drafts(3), expected_seq=0, lease=lease, summary=summary_of())
    writer.close()
    monkeypatch.setattr("os.access", lambda *_: False)
    copy = open_ledger(url, read_only=True)
    assert copy.last_seq(CAMPAIGN) == 3
    copy.close()
