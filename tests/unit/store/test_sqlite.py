"""SQLite keeps what it acknowledged, or says beforehand why it cannot."""

import os
import subprocess
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import make_url, text
from structlog.testing import capture_logs

from orchestrator.domain.errors import LedgerCorrupt, LedgerError, LedgerUnusable
from orchestrator.domain.ports import Lease
from orchestrator.store import sqlite
from orchestrator.store.database import Database
from orchestrator.store.migrating import migrate
from orchestrator.store.opening import default_url, open_ledger
from orchestrator.store.sql import SqlLedger
from orchestrator.testing.store_contract import CAMPAIGN, drafts
from tests.unit.store.conftest import Opener, take


def driver_of_version(*version: int) -> ModuleType:
    """Return the real driver claiming another version of SQLite."""
    driver = ModuleType("claims_another_version")
    driver.__dict__.update(vars(sqlite.DRIVER), sqlite_version_info=version)
    return driver


def pragma(database: Database, name: str) -> object:
    with database.reading() as connection:
        return connection.execute(text(f"PRAGMA {name}")).scalar_one()


# --- durability -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [(3, 7, 0), (3, 40, 1), (3, 44, 5), (3, 45, 0), (3, 50, 6), (3, 51, 2)])
def test_versions_that_can_lose_commits_are_known(version: tuple[int, int, int]):
    assert sqlite.has_wal_reset_bug(version)


@pytest.mark.parametrize("version", [(3, 6, 23), (3, 44, 6), (3, 50, 7), (3, 50, 8), (3, 51, 3), (3, 53, 4)])
def test_versions_that_keep_their_commits_are_known(version: tuple[int, int, int]):
    assert not sqlite.has_wal_reset_bug(version)


def test_a_sound_sqlite_logs_ahead_and_syncs_every_commit(tmp_path: Path):
    with capture_logs() as logs:
        database = sqlite.open_sqlite(make_url(default_url(tmp_path)), driver=driver_of_version(3, 51, 3))
    assert (pragma(database, "journal_mode"), pragma(database, "synchronous")) == ("wal", 2)
    assert logs == []
    database.close()


def test_a_vulnerable_sqlite_journals_the_safe_way_and_warns(tmp_path: Path):
    with capture_logs() as logs:
        database = sqlite.open_sqlite(make_url(default_url(tmp_path)), driver=driver_of_version(3, 40, 1))
    assert (pragma(database, "journal_mode"), pragma(database, "synchronous")) == ("delete", 3)
    assert [(log["log_level"], log["sqlite"]) for log in logs] == [("warning", "3.40.1")]
    migrate(database)
    ledger = SqlLedger(database)
    ledger.append(CAMPAIGN, drafts(3), expected_seq=0, lease=take(ledger))
    ledger.verify(CAMPAIGN)
    ledger.close()


def test_a_journal_that_cannot_be_made_safe_is_refused(tmp_path: Path, open_sql: Opener, monkeypatch: pytest.MonkeyPatch):
    """A file another process has open in WAL mode stays in it."""
    monkeypatch.setattr(sqlite, "LOCK_TIMEOUT_S", 0.05)
    other = open_sql(default_url(tmp_path))
    database = sqlite.open_sqlite(make_url(default_url(tmp_path)), driver=driver_of_version(3, 40, 1))
    with other.database.reading(), pytest.raises(LedgerUnusable, match=r"must be DELETE; close whatever else has it open"):
        migrate(database)
    database.close()


def test_the_driver_in_use_is_sound():
    assert not sqlite.has_wal_reset_bug(sqlite.DRIVER.sqlite_version_info)


def test_a_reader_is_not_held_up_by_a_writer(ledger: SqlLedger, lease: Lease, tmp_path: Path, open_sql: Opener):
    stored = ledger.append(CAMPAIGN, drafts(2), expected_seq=0, lease=lease)
    reader = open_sql(default_url(tmp_path))
    with ledger.database.writing() as connection:
        connection.execute(text("UPDATE leases SET taken_from = 'not committed yet'"))
        assert reader.read(CAMPAIGN) == stored
        reader.verify(CAMPAIGN)
        held = reader.holder(lease.name)
    assert held is not None
    assert held[1] == lease


def test_a_writer_that_is_stuck_is_reported(tmp_path: Path, open_sql: Opener, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sqlite, "LOCK_TIMEOUT_S", 0.05)
    stuck, waiting = open_sql(default_url(tmp_path)), open_sql(default_url(tmp_path))
    with stuck.database.writing(), pytest.raises(LedgerError, match=r"ledger\.db stayed locked: .* end that process"):
        take(waiting)


# --- damage -------------------------------------------------------------------------------------------------------------------


def test_a_byte_flipped_in_the_file_is_found(tmp_path: Path, open_sql: Opener):
    first = open_sql(default_url(tmp_path))
    first.append(CAMPAIGN, drafts(3), expected_seq=0, lease=take(first))
    first.close()
    file = tmp_path / "ledger.db"
    content = bytearray(file.read_bytes())
    content[content.index(b'{"trial":2,"attempt":1,"uses":{}}') + 2] ^= 0x80
    file.write_bytes(content)
    second = open_sql(default_url(tmp_path))
    with pytest.raises(LedgerCorrupt, match=rf"stream {CAMPAIGN}, event 2 \(trial-started\): hash is"):
        second.verify(CAMPAIGN)
    with pytest.raises(LedgerCorrupt, match="event 2"):
        second.read(CAMPAIGN)


def test_a_name_that_is_no_longer_utf8_can_still_be_shown(ledger: SqlLedger, lease: Lease):
    ledger.append(CAMPAIGN, drafts(2), expected_seq=0, lease=lease)
    with ledger.database.writing() as connection:
        connection.execute(text("DROP TRIGGER events_refuse_update"))
        connection.execute(text("UPDATE events SET type = CAST(x'74FF' AS TEXT) WHERE seq = 2"))
    with pytest.raises(LedgerCorrupt) as refusal:
        ledger.verify(CAMPAIGN)
    assert r"event 2 (t\udcff)" in str(refusal.value).encode().decode()


def test_a_damaged_file_is_no_bug_of_ours(tmp_path: Path, open_sql: Opener):
    first = open_sql(default_url(tmp_path))
    first.append(CAMPAIGN, drafts(200), expected_seq=0, lease=take(first))
    first.close()
    file = tmp_path / "ledger.db"
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    with pytest.raises((LedgerCorrupt, LedgerUnusable), match=r"ledger\.db is damaged: .*restore it from a backup"):
        open_sql(default_url(tmp_path)).verify(CAMPAIGN)


# --- refusals ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("filesystem", ["nfs", "nfs4", "cifs", "smb3", "lustre", "gpfs", "beegfs", "fuse.sshfs", "9p"])
def test_a_network_file_system_is_refused_and_nothing_is_created(tmp_path: Path, filesystem: str):
    folder = tmp_path / "share"
    with pytest.raises(LedgerUnusable, match=rf"{folder}/ledger\.db is on a network file system \({filesystem}\).*PostgreSQL"):
        open_ledger(default_url(folder), filesystem_of=lambda _: filesystem)
    assert not folder.exists()


@pytest.mark.parametrize("filesystem", ["ext4", "xfs", "btrfs", "overlay", "tmpfs", "zfs", "apfs", ""])
def test_a_local_file_system_is_accepted(tmp_path: Path, filesystem: str):
    open_ledger(default_url(tmp_path), filesystem_of=lambda _: filesystem).close()


def test_a_missing_folder_is_created(tmp_path: Path, open_sql: Opener):
    open_sql(default_url(tmp_path / "a" / "b"))
    assert (tmp_path / "a" / "b" / "ledger.db").is_file()


@pytest.mark.parametrize("name", ["über dunkel.db", "50% done.db", "a#b.db"])
def test_any_file_name_will_do(tmp_path: Path, open_sql: Opener, name: str):
    open_sql(tmp_path / name)
    assert (tmp_path / name).is_file()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_ledger_without_a_file_is_refused(url: str):
    with pytest.raises(LedgerUnusable, match="names no file; write sqlite:///path"):
        open_ledger(url)


def test_a_folder_is_refused(tmp_path: Path):
    with pytest.raises(LedgerUnusable, match=rf"{tmp_path} is a folder; name a file in it"):
        open_ledger(f"sqlite:///{tmp_path}")


def test_a_folder_inside_a_file_is_refused(tmp_path: Path):
    (tmp_path / "notes").write_text("in the way")
    with pytest.raises(LedgerUnusable, match=rf"folder {tmp_path}/notes of the ledger cannot be created"):
        open_ledger(default_url(tmp_path / "notes"))


@pytest.mark.parametrize("content", [b"these are my notes, not a database\n" * 50, os.urandom(8192)])
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes):
    file = tmp_path / "notes.txt"
    file.write_bytes(content)
    with pytest.raises(LedgerUnusable, match=rf"{file} is no SQLite database; choose another --ledger"):
        open_ledger(f"sqlite:///{file}")
    assert file.read_bytes() == content


def test_a_read_only_file_system_is_refused(small_disk: Path, open_sql: Opener):
    open_sql(default_url(small_disk)).close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(LedgerUnusable, match=rf"{small_disk} cannot be written; give this user write access"):
        open_ledger(default_url(small_disk))


@pytest.mark.parametrize("what", ["ledger.db", "."])
def test_what_this_user_may_not_write_is_refused(tmp_path: Path, open_sql: Opener, what: str, monkeypatch: pytest.MonkeyPatch):
    """Root may write anything, so the operating system's answer is replaced rather than the permission taken away."""
    open_sql(default_url(tmp_path)).close()
    forbidden = tmp_path / what
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != forbidden)
    with pytest.raises(LedgerUnusable, match=rf"{forbidden} cannot be written"):
        open_ledger(default_url(tmp_path))


def test_too_many_readers_at_once_are_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sqlite, "POOL", {"pool_size": 1, "max_overflow": 0, "pool_timeout": 0.01})
    database = sqlite.open_sqlite(make_url(default_url(tmp_path)))
    with database.reading(), pytest.raises(LedgerError, match=r"in use by too many at once: .*try again"), database.reading():
        pytest.fail("one connection for two")
    database.close()
