"""A full disk: what was acknowledged stays, and there is room to say why the campaign paused."""

from collections.abc import Iterator
from itertools import repeat
from pathlib import Path

import pytest
from sqlalchemy import text

from orchestrator.domain import events as ev
from orchestrator.domain.errors import LedgerFull
from orchestrator.domain.ports import Lease
from orchestrator.store.ballast import SIZE_BYTES, Ballast
from orchestrator.store.opening import default_url
from orchestrator.store.sql import SqlLedger
from orchestrator.testing.store_contract import CAMPAIGN, draft, summary_of
from tests.unit.store.conftest import Opener, take

LONG_NOTE = draft(ev.NoteLeft(text="x" * 2000))
PAUSED = draft(ev.CampaignPaused(reason="disk full"))


def fill(folder: Path) -> Path:
    """Take all the space that is left."""
    file = folder / "detector-data"
    with open(file, "wb", buffering=0) as content, pytest.raises(OSError, match="No space left"):
        content.writelines(repeat(bytes(4096)))
    return file


def append_until_full(ledger: SqlLedger, lease: Lease) -> int:
    """Return the last sequence number that was acknowledged."""
    acknowledged = [0]
    with pytest.raises(LedgerFull, match=r"ledger\.db is full; free some space, then resume"):
        acknowledged.extend(appended(ledger, lease))
    return acknowledged[-1]


def appended(ledger: SqlLedger, lease: Lease) -> Iterator[int]:
    """Append until refused; yield each last sequence number that was acknowledged."""
    seq = 0
    for _ in range(5000):
        seq = ledger.append(CAMPAIGN, [LONG_NOTE] * 3, expected_seq=seq, lease=lease, summary=summary_of())[-1].seq
        yield seq


def test_space_is_kept_in_reserve_beside_the_ledger(ledger: SqlLedger, tmp_path: Path):
    ballast = tmp_path / "ledger.db.ballast"
    assert ballast.stat().st_size == SIZE_BYTES
    assert ballast.stat().st_blocks * 512 >= SIZE_BYTES


def test_on_a_full_disk_one_more_append_says_so(small_disk: Path, open_sql: Opener):
    ledger = open_sql(default_url(small_disk))
    lease = take(ledger)
    data = fill(small_disk)
    seq = append_until_full(ledger, lease)
    paused = ledger.append(CAMPAIGN, [PAUSED], expected_seq=seq, lease=lease, summary=summary_of())
    ledger.renew(lease, ttl=60)
    assert ledger.read(CAMPAIGN, after=seq) == paused
    ledger.verify(CAMPAIGN, head=paused[0].hash)
    assert not Ballast(small_disk / "ledger.db").path.exists()

    data.unlink()
    ledger.append(CAMPAIGN, [LONG_NOTE], expected_seq=seq + 1, lease=lease, summary=summary_of())
    assert Ballast(small_disk / "ledger.db").path.exists()


def test_a_ledger_that_may_not_grow_stores_nothing_half(ledger: SqlLedger, lease: Lease, tmp_path: Path):
    limit_pages(ledger, 40)
    seq = append_until_full(ledger, lease)
    assert len(ledger.read(CAMPAIGN)) == seq
    ledger.verify(CAMPAIGN)
    assert not Ballast(tmp_path / "ledger.db").path.exists()
    limit_pages(ledger, 10**6)
    ledger.append(CAMPAIGN, [PAUSED], expected_seq=seq, lease=lease)
    assert Ballast(tmp_path / "ledger.db").path.exists()


def limit_pages(ledger: SqlLedger, n_pages: int) -> None:
    """Limit the file's size on the pool's one connection."""
    with ledger.database.reading() as connection:
        connection.execute(text(f"PRAGMA max_page_count={n_pages}"))


def test_a_nearly_full_disk_keeps_its_space_for_the_ledger(small_disk: Path, open_sql: Opener):
    (small_disk / "detector-data").write_bytes(bytes(8 * 2**20))
    ledger = open_sql(default_url(small_disk))
    assert not Ballast(small_disk / "ledger.db").path.exists()
    ledger.append(CAMPAIGN, [LONG_NOTE], expected_seq=0, lease=take(ledger))
