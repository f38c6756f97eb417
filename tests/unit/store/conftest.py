"""What the store's tests share."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchestrator.domain.ports import Lease
from orchestrator.store.holders import this_holder
from orchestrator.store.opening import default_url, open_ledger
from orchestrator.store.sql import SqlLedger
from orchestrator.testing.store_contract import CAMPAIGN

Opener = Callable[..., SqlLedger]


@pytest.fixture
def open_sql() -> Iterator[Opener]:
    """Open ledgers that are closed when the test ends; a path means an SQLite file."""
    opened: list[SqlLedger] = []

    def open_one(where: Path | str) -> SqlLedger:
        ledger = open_ledger(where if isinstance(where, str) else f"sqlite:///{where}")
        assert isinstance(ledger, SqlLedger)
        opened.append(ledger)
        return ledger

    yield open_one
    for ledger in opened:
        ledger.close()


@pytest.fixture
def ledger(tmp_path: Path, open_sql: Opener) -> SqlLedger:
    return open_sql(default_url(tmp_path))


@pytest.fixture
def lease(ledger: SqlLedger) -> Lease:
    return take(ledger)


def take(ledger: SqlLedger) -> Lease:
    return ledger.acquire(f"campaign:{CAMPAIGN}", this_holder(), ttl=60)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 12 MB."""
    folder = tmp_path / "small-disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no file system can be mounted here, which takes root: {error}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
