"""A ledger opened for reading: what others write is seen, and nothing can be written by mistake."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from orchestrator.domain.errors import LedgerError, LedgerUnusable, ReadOnly
from orchestrator.domain.ports import Command, Lease, Ledger
from orchestrator.store.holders import this_holder
from orchestrator.store.opening import default_url, open_ledger
from orchestrator.store.sql import SqlLedger
from orchestrator.testing.access_contract import make_answer, make_key, make_link
from orchestrator.testing.fakes import EVENING
from orchestrator.testing.store_contract import CAMPAIGN, drafts, summary_of
from tests.unit.store.conftest import Opener, take

Reader = Callable[..., SqlLedger]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return default_url(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgres_url")


@pytest.fixture
def writer(url: str, open_sql: Opener) -> SqlLedger:
    return open_sql(url)


@pytest.fixture
def open_reader() -> Iterator[Reader]:
    """Open ledgers for reading that are closed when the test ends; a path means a folder."""
    opened: list[SqlLedger] = []

    def open_one(where: Path | str, *, filesystem: str = "ext4") -> SqlLedger:
        url = where if isinstance(where, str) else default_url(where)
        ledger = open_ledger(url, read_only=True, filesystem_of=lambda _: filesystem)
        assert isinstance(ledger, SqlLedger)
        opened.append(ledger)
        return ledger

    yield open_one
    for ledger in opened:
        ledger.close()


@pytest.fixture
def reader(url: str, writer: SqlLedger, open_reader: Reader) -> SqlLedger:
    return open_reader(url)


@pytest.fixture
def lease(writer: SqlLedger) -> Lease:
    return take(writer)


def test_what_is_appended_elsewhere_is_seen_at_once(reader: Ledger, writer: Ledger, lease: Lease):
    for n_before in (0, 3):
        writer.append(CAMPAIGN, drafts(3), expected_seq=n_before, lease=lease, summary=summary_of())
        assert reader.read(CAMPAIGN) == writer.read(CAMPAIGN)
        assert (reader.last_seq(CAMPAIGN), reader.heads()) == (n_before + 3, {CAMPAIGN: n_before + 3})
    assert reader.holder(lease.name) == writer.holder(lease.name)
    reader.verify(CAMPAIGN)


# --- writes -------------------------------------------------------------------------------------------------------------------

COMMAND = Command(1, CAMPAIGN, EVENING, "ada", "stop")
WRITES: dict[str, Callable[[Ledger, Lease], object]] = {
    "append": lambda ledger, lease: ledger.append(CAMPAIGN, drafts(1), expected_seq=0, lease=lease, summary=summary_of()),
    "append_note": lambda ledger, _: ledger.append_note("system", drafts(1)[0]),
    "acquire": lambda ledger, _: ledger.acquire("instrument:x", this_holder(), ttl=1.0),
    "renew": lambda ledger, lease: ledger.renew(lease, ttl=1.0),
    "release": lambda ledger, lease: ledger.release(lease),
    "send": lambda ledger, _: ledger.send(COMMAND),
    "finish": lambda ledger, _: ledger.finish(COMMAND),
    "add_key": lambda ledger, _: ledger.access.add_key(make_key()),
    "revoke_key": lambda ledger, _: ledger.access.revoke_key("abcd2345", EVENING),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_every_write_is_refused(reader: Ledger, lease: Lease, write: Callable[[Ledger, Lease], object]):
    with pytest.raises(ReadOnly, match=r"open for reading only; .* where (the ledger|it) is written"):
        write(reader, lease)


def test_even_the_database_refuses_to_write(reader: SqlLedger):
    with pytest.raises((LedgerError, LedgerUnusable)), reader.database.reading() as connection:
        connection.execute(text("UPDATE leases SET token = 99"))


def test_people_can_log_in_with_keys_made_elsewhere_and_with_links_of_this_process(reader: Ledger, writer: Ledger):
    writer.access.add_key(make_key())
    reader.access.touch_key("abcd2345", EVENING)
    assert reader.access.key("abcd2345") == make_key()
    assert reader.access.keys() == (make_key(),)
    reader.access.add_link(make_link())
    assert writer.access.use_link("b" * 64, EVENING) is None
    assert reader.access.use_link("b" * 64, EVENING + timedelta(minutes=1)) == make_link()


def test_answers_are_remembered_in_this_process_alone(reader: Ledger, writer: Ledger):
    assert reader.access.begin_answer(make_answer()) is None
    assert reader.access.begin_answer(make_answer()) == make_answer()
    assert writer.access.begin_answer(make_answer()) is None


# --- other versions -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("revision", ["0001", "0042"])
def test_tables_of_another_version_are_neither_read_nor_upgraded(url: str, writer: SqlLedger, revision: str):
    with writer.database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    with pytest.raises(LedgerUnusable, match=rf"has schema revision {revision}, but \d+ is needed to read it; .*where it is written"):
        open_ledger(url, read_only=True)


def test_a_new_database_is_left_empty(url: str, tmp_path: Path):
    if url.startswith("sqlite"):
        (tmp_path / "ledger.db").touch()
    with pytest.raises(LedgerUnusable, match="has no ledger's tables, but"):
        open_ledger(url, read_only=True)
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) == 0


def test_memory_is_nothing_to_read():
    with pytest.raises(LedgerUnusable, match="nobody else writes it"):
        open_ledger("memory:", read_only=True)


# --- files --------------------------------------------------------------------------------------------------------------------


def append(ledger: SqlLedger, n_before: int = 0) -> None:
    ledger.append(CAMPAIGN, drafts(3), expected_seq=n_before, lease=take_again(ledger), summary=summary_of())


def take_again(ledger: SqlLedger) -> Lease:
    held = ledger.holder(f"campaign:{CAMPAIGN}")
    return take(ledger) if held is None else held[1]


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path):
    with pytest.raises(LedgerUnusable, match=r"there is no ledger .*none\.db to read"):
        open_ledger(f"sqlite:///{tmp_path / 'none.db'}", read_only=True)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["über dunkel.db", "50% done.db", "a#b.db"])
def test_any_file_name_will_do(tmp_path: Path, open_sql: Opener, open_reader: Reader, name: str):
    append(open_sql(tmp_path / name))
    assert open_reader(f"sqlite:///{tmp_path / name}").last_seq(CAMPAIGN) == 3


@pytest.fixture
def read_only_mount(tmp_path: Path) -> Iterator[Path]:
    """The folder ``written`` again, where nothing can be written."""
    (tmp_path / "written").mkdir()
    seen = tmp_path / "seen"
    seen.mkdir()
    try:
        subprocess.run(["mount", "--bind", str(tmp_path / "written"), str(seen)], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no folder can be mounted here, which takes root: {error}")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(seen)], check=True)
        yield seen
    finally:
        subprocess.run(["umount", "--lazy", str(seen)], check=True)


def test_a_ledger_is_followed_from_where_nothing_can_be_written(
    tmp_path: Path, read_only_mount: Path, open_sql: Opener, open_reader: Reader
):
    """While its writer lives there is a log to share; before and after there is none, and none can be made."""
    written = default_url(tmp_path / "written")
    first = open_sql(written)
    append(first)
    reader = open_reader(read_only_mount)
    assert reader.last_seq(CAMPAIGN) == 3
    append(first, 3)
    assert reader.last_seq(CAMPAIGN) == 6
    reader.database.close()
    first.close()
    assert reader.last_seq(CAMPAIGN) == 6
    append(open_sql(written), 6)
    assert reader.last_seq(CAMPAIGN) == 9


def test_a_copy_whose_log_cannot_be_worked_in_is_refused(tmp_path: Path, read_only_mount: Path, open_sql: Opener):
    append(open_sql(default_url(tmp_path)))
    for name in ("ledger.db", "ledger.db-wal"):
        shutil.copy(tmp_path / name, tmp_path / "written" / name)
    with pytest.raises(LedgerUnusable, match=r"cannot be read: .*in a log beside it .*copy it again at rest"):
        open_ledger(default_url(read_only_mount), read_only=True)


def test_a_copy_that_is_replaced_is_read_anew(tmp_path: Path, open_sql: Opener, open_reader: Reader):
    written, copied = tmp_path / "written", tmp_path / "copied"
    copied.mkdir()
    reader: SqlLedger | None = None
    for n_before in (0, 3):
        writer = open_sql(default_url(written))
        append(writer, n_before)
        writer.close()
        shutil.copy(written / "ledger.db", copied / "arriving")
        os.replace(copied / "arriving", copied / "ledger.db")
        reader = reader or open_reader(copied)
        assert reader.last_seq(CAMPAIGN) == n_before + 3


def test_a_file_that_goes_away_is_named(tmp_path: Path, open_sql: Opener, open_reader: Reader):
    open_sql(default_url(tmp_path)).close()
    reader = open_reader(tmp_path)
    (tmp_path / "ledger.db").unlink()
    with pytest.raises(LedgerUnusable, match=r"ledger\.db cannot be read: .*moved"):
        reader.streams()


def test_over_a_network_a_ledger_is_read_only_at_rest(tmp_path: Path, open_sql: Opener, open_reader: Reader):
    writer = open_sql(default_url(tmp_path))
    append(writer)
    with pytest.raises(LedgerUnusable, match="network file system, where its log cannot be read; use PostgreSQL"):
        open_reader(tmp_path, filesystem="nfs4")
    writer.close()
    reader = open_reader(tmp_path, filesystem="nfs4")
    assert reader.last_seq(CAMPAIGN) == 3
    assert {file.name for file in tmp_path.iterdir()} == {"ledger.db", "ledger.db.ballast"}
    append(open_sql(default_url(tmp_path)), 3)
    with pytest.raises(LedgerUnusable, match="is being written"):
        reader.last_seq(CAMPAIGN)
