"""Every store against the same contract, and every database against what only a database can show."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from orchestrator.domain.errors import LedgerCorrupt
from orchestrator.domain.ports import Holder, Lease
from orchestrator.store.holders import this_holder
from orchestrator.store.memory import MemoryLedger
from orchestrator.store.opening import open_ledger
from orchestrator.store.sql import SqlLedger
from orchestrator.store.tables import events
from orchestrator.testing.access_contract import AccessContract
from orchestrator.testing.fakes import FakeClock
from orchestrator.testing.store_contract import CAMPAIGN, StoreContract, drafts, head_of, summary_of

COLUMNS = tuple(column.name for column in events.columns)


class InThisProcess(StoreContract, AccessContract):
    @pytest.fixture
    def here(self) -> Holder:
        return this_holder()


class TestMemoryLedger(InThisProcess):
    @pytest.fixture
    def ledger(self, clock: FakeClock) -> MemoryLedger:
        return MemoryLedger(clock=clock.now)


class DatabaseContract(InThisProcess):
    """What holds for every database; override ``url`` and ``unguard``."""

    unguard: tuple[str, ...]
    """How to take away the triggers, as somebody who tampers would."""

    @pytest.fixture
    def ledger(self, url: str, clock: FakeClock) -> Iterator[SqlLedger]:
        ledger = open_ledger(url, clock=clock.now)
        assert isinstance(ledger, SqlLedger)
        yield ledger
        ledger.close()

    def execute(self, ledger: SqlLedger, *statements: str, **values: object) -> None:
        with ledger.database.engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement), values)
            connection.commit()

    # --- the database itself refuses ----------------------------------------------------------------------------------

    @pytest.mark.parametrize("column", COLUMNS)
    def test_no_column_of_an_event_can_be_changed(self, ledger: SqlLedger, lease: Lease, column: str):
        stored = ledger.append(CAMPAIGN, drafts(2), expected_seq=0, lease=lease)
        with pytest.raises(DBAPIError, match="ledger events are never changed or removed"):
            self.execute(ledger, f"UPDATE events SET {column} = {column}")
        assert ledger.read(CAMPAIGN) == stored

    def test_no_event_can_be_removed(self, ledger: SqlLedger, lease: Lease):
        stored = ledger.append(CAMPAIGN, drafts(2), expected_seq=0, lease=lease)
        with pytest.raises(DBAPIError, match="ledger events are never changed or removed"):
            self.execute(ledger, "DELETE FROM events WHERE seq = 2")
        assert ledger.read(CAMPAIGN) == stored

    # --- verify -------------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("column", COLUMNS)
    def test_a_flipped_bit_is_found_in_each_column(self, ledger: SqlLedger, lease: Lease, column: str):
        ledger.append(CAMPAIGN, drafts(3), expected_seq=0, lease=lease, summary=summary_of())
        self.execute(ledger, *self.unguard)
        with ledger.database.engine.connect() as connection:
            stored = connection.execute(text(f"SELECT {column} FROM events WHERE seq = 2")).scalar_one()
        self.execute(ledger, f"UPDATE events SET {column} = :flipped WHERE seq = 2", flipped=_with_a_bit_flipped(stored))
        found = r"event 2 is missing; .* event 3 \(trial-started\)" if column in ("stream", "seq") else r"event 2 \(trial-.tarted\)"
        with pytest.raises(LedgerCorrupt, match=rf"stream {CAMPAIGN}\b.*{found}"):
            ledger.verify(CAMPAIGN)

    def test_an_event_rewritten_with_a_fitting_hash_breaks_the_chain(self, ledger: SqlLedger, lease: Lease):
        ledger.append(CAMPAIGN, drafts(3), expected_seq=0, lease=lease)
        forged = MemoryLedger()
        other = forged.acquire(lease.name, this_holder(), ttl=10)
        rewritten = forged.append(CAMPAIGN, [drafts(1)[0], drafts(9)[8]], expected_seq=0, lease=other)[1]
        self.execute(ledger, *self.unguard)
        change = "UPDATE events SET data = :data, hash = :hash WHERE seq = 2"
        self.execute(ledger, change, data='{"trial":9,"attempt":1,"uses":{}}', hash=rewritten.hash)
        with pytest.raises(LedgerCorrupt, match=rf"event 3 \(trial-started\): prev_hash is .* before it has hash {rewritten.hash}"):
            ledger.verify(CAMPAIGN)

    def test_a_truncated_tail_is_found_by_the_projection(self, ledger: SqlLedger, lease: Lease):
        ledger.append(CAMPAIGN, drafts(3), expected_seq=0, lease=lease, summary=summary_of())
        self.execute(ledger, *self.unguard)
        self.execute(ledger, "DELETE FROM events WHERE seq = 3")
        with pytest.raises(LedgerCorrupt, match=r"ends at event 2 .* but its projection says event 3"):
            ledger.verify(CAMPAIGN)

    def test_a_tail_truncated_with_its_projection_is_found_by_the_head(self, ledger: SqlLedger, lease: Lease):
        stored = ledger.append(CAMPAIGN, drafts(3), expected_seq=0, lease=lease, summary=summary_of())
        self.execute(ledger, *self.unguard)
        self.execute(ledger, "DELETE FROM events WHERE seq = 3")
        self.execute(ledger, "UPDATE campaigns SET seq = 2, head = :head", head=stored[1].hash)
        ledger.verify(CAMPAIGN)
        with pytest.raises(LedgerCorrupt, match=f"none of its 2 events has hash {head_of(stored)}: the tail was cut off"):
            ledger.verify(CAMPAIGN, head=head_of(stored))

    @pytest.mark.parametrize("change", ["seq = 2", "head = 'f'"])
    def test_a_projection_that_disagrees_is_found(self, ledger: SqlLedger, lease: Lease, change: str):
        ledger.append(CAMPAIGN, drafts(3), expected_seq=0, lease=lease, summary=summary_of())
        self.execute(ledger, f"UPDATE campaigns SET {change}")
        with pytest.raises(LedgerCorrupt, match="projection"):
            ledger.verify(CAMPAIGN)

    def test_a_long_stream_is_verified_to_its_end(self, ledger: SqlLedger, lease: Lease):
        stored = ledger.append(CAMPAIGN, drafts(2500), expected_seq=0, lease=lease)
        ledger.verify(CAMPAIGN, head=head_of(stored))
        self.execute(ledger, *self.unguard)
        self.execute(ledger, "UPDATE events SET actor = 'mallory' WHERE seq = 2400")
        with pytest.raises(LedgerCorrupt, match=r"event 2400 \(trial-started\): hash is"):
            ledger.verify(CAMPAIGN)

    @pytest.mark.parametrize(
        "change", ["data = 'no json'", "data = '{}'", "type = 'never-heard-of'", "at = 'yesterday'", "schema_version = 99"]
    )
    def test_an_event_that_cannot_be_read_is_named(self, ledger: SqlLedger, lease: Lease, change: str):
        ledger.append(CAMPAIGN, drafts(2), expected_seq=0, lease=lease)
        self.execute(ledger, *self.unguard)
        self.execute(ledger, f"UPDATE events SET {change} WHERE seq = 2")
        assert len(ledger.read(CAMPAIGN, limit=1)) == 1
        with pytest.raises(LedgerCorrupt, match=rf"stream {CAMPAIGN}, event 2 \(.*\) cannot be read: .*nightshift verify {CAMPAIGN}"):
            ledger.read(CAMPAIGN)

    # --- several threads ----------------------------------------------------------------------------------------------

    def test_forty_readers_at_once_wait_for_nobody(self, ledger: SqlLedger):
        n_readers = 40
        together = threading.Barrier(n_readers)

        def read(_: int) -> int:
            with ledger.database.reading() as connection:
                together.wait(timeout=30)
                return connection.execute(text("SELECT count(*) FROM events")).scalar_one()

        with ThreadPoolExecutor(n_readers) as threads:
            assert list(threads.map(read, range(n_readers))) == [0] * n_readers

    # --- several processes --------------------------------------------------------------------------------------------

    def test_a_ledger_is_found_again(self, ledger: SqlLedger, lease: Lease, url: str, here: Holder):
        stored = ledger.append(CAMPAIGN, drafts(2), expected_seq=0, lease=lease, summary=summary_of())
        again = open_ledger(url)
        assert again.read(CAMPAIGN) == stored
        assert again.summary(CAMPAIGN) == ledger.summary(CAMPAIGN)
        assert again.holder(lease.name) == ledger.holder(lease.name)
        again.close()

    def test_of_processes_at_once_exactly_one_wins_each_sequence_number(self, ledger: SqlLedger, lease: Lease, url: str):
        writers = [start_writer(url, lease, actor, until=60) for actor in ("ada", "ben")]
        won = [[int(line) for line in writer.communicate(timeout=60)[0].split()] for writer in writers]
        assert [writer.returncode for writer in writers] == [0, 0]
        assert sorted(won[0] + won[1]) == list(range(1, 61))
        assert [event.seq for event in ledger.read(CAMPAIGN) if event.actor == "ada"] == won[0]
        ledger.verify(CAMPAIGN)

    def test_what_a_killed_writer_was_told_is_stored_is_stored(self, ledger: SqlLedger, lease: Lease, url: str):
        writer = start_writer(url, lease, "ada", until=10**6)
        assert writer.stdout is not None
        acknowledged = [int(writer.stdout.readline()) for _ in range(20)]
        writer.kill()
        acknowledged += [int(line) for line in writer.communicate()[0].split()]
        assert [event.seq for event in ledger.read(CAMPAIGN)][: len(acknowledged)] == acknowledged
        ledger.verify(CAMPAIGN)

    def test_processes_that_open_a_new_ledger_together_all_succeed(self, url: str):
        opening = f"from orchestrator.store.opening import open_ledger; open_ledger({url!r}).close()"
        openers = [subprocess.Popen([sys.executable, "-c", opening]) for _ in range(2)]
        assert [opener.wait(timeout=60) for opener in openers] == [0, 0]


def start_writer(url: str, lease: Lease, actor: str, *, until: int) -> subprocess.Popen[str]:
    """Start a process that appends under a lease given to it and prints each sequence number it was acknowledged."""
    command = [sys.executable, "-m", "tests.contracts.writer", url, json.dumps(asdict(lease)), CAMPAIGN, actor, str(until)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])


def _with_a_bit_flipped(stored: str | int) -> str | int:
    if isinstance(stored, int):
        return stored ^ 1 << 10
    middle = len(stored) // 2
    return stored[:middle] + chr(ord(stored[middle]) ^ 1) + stored[middle + 1 :]


class TestSqliteLedger(DatabaseContract):
    unguard = tuple(f"DROP TRIGGER events_refuse_{change}" for change in ("update", "delete", "replace"))

    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'ledger.db'}"

    def test_no_event_can_be_replaced(self, ledger: SqlLedger, lease: Lease):
        stored = ledger.append(CAMPAIGN, drafts(2), expected_seq=0, lease=lease)
        with pytest.raises(DBAPIError, match="ledger events are never changed or removed"):
            self.execute(ledger, "INSERT OR REPLACE INTO events SELECT * FROM events WHERE seq = 1")
        assert ledger.read(CAMPAIGN) == stored


class TestPostgresqlLedger(DatabaseContract):
    unguard = ("ALTER TABLE events DISABLE TRIGGER ALL",)

    @pytest.fixture
    def url(self, postgres_url: str) -> str:
        return postgres_url

    def test_the_events_cannot_be_truncated(self, ledger: SqlLedger, lease: Lease):
        stored = ledger.append(CAMPAIGN, drafts(2), expected_seq=0, lease=lease)
        with pytest.raises(DBAPIError, match="ledger events are never changed or removed"):
            self.execute(ledger, "TRUNCATE events")
        assert ledger.read(CAMPAIGN) == stored
