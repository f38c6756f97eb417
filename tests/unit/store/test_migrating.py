"""The schema is what the tables say, and what a newer Nightshift made is left alone."""

import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from orchestrator.domain.access import Role
from orchestrator.domain.errors import LedgerUnusable
from orchestrator.domain.ports import Command
from orchestrator.store import migrating
from orchestrator.store.opening import default_url, open_ledger
from orchestrator.store.sql import SqlLedger
from orchestrator.store.tables import metadata
from orchestrator.testing.fakes import EVENING
from tests.unit.store.conftest import Opener


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return default_url(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgres_url")


def set_revision(ledger: SqlLedger, revision: str) -> None:
    with ledger.database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def test_the_migrations_make_the_tables_the_store_uses(url: str, open_sql: Opener):
    with open_sql(url).database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []


def test_the_latest_revision_is_the_one_named():
    assert ScriptDirectory(str(migrating._MIGRATIONS)).get_current_head() == migrating.LATEST


def test_an_up_to_date_ledger_is_not_migrated_again(url: str, open_sql: Opener, monkeypatch: pytest.MonkeyPatch):
    open_sql(url)
    monkeypatch.setattr(migrating, "_upgrade", lambda connection: pytest.fail("migrated again"))
    open_sql(url)


def test_a_newer_ledger_is_refused_naming_both_revisions(url: str, open_sql: Opener):
    ledger = open_sql(url)
    set_revision(ledger, "0042")
    way_out = f"revision 0042, but this Nightshift knows none later than {migrating.LATEST}; install the Nightshift that wrote it"
    with pytest.raises(LedgerUnusable, match=re.escape(way_out)):
        open_ledger(url)
    set_revision(ledger, migrating.LATEST)
    open_sql(url)


def test_somebody_elses_tables_are_left_alone(url: str, open_sql: Opener):
    ledger = open_sql(url)
    with ledger.database.writing() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    with pytest.raises(LedgerUnusable, match="already has tables called answers, api_keys, campaigns, commands"):
        open_ledger(url)


def test_a_migration_that_fails_leaves_nothing_behind(url: str, open_sql: Opener, monkeypatch: pytest.MonkeyPatch):
    upgrade = migrating._upgrade

    def fail_afterwards(connection: object) -> None:
        upgrade(connection)  # pyright: ignore[reportArgumentType]  (passed on as it came)
        raise LedgerUnusable("the power failed")

    with monkeypatch.context() as failing:
        failing.setattr(migrating, "_upgrade", fail_afterwards)
        with pytest.raises(LedgerUnusable, match="the power failed"):
            open_ledger(url)
    assert open_sql(url).streams() == ()


def test_a_ledger_of_the_first_version_is_upgraded_and_keeps_its_orders(url: str, open_sql: Opener, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as earlier:
        earlier.setattr(migrating, "_upgrade", lambda connection: migrating._upgrade_to(connection, "0001"))
        with open_sql(url).database.writing() as connection:
            connection.execute(
                text(
                    "INSERT INTO commands (campaign, at, actor, verb, trial, note, is_now) "
                    "VALUES ('night', '2026-03-01T20:00:00+00:00', 'ada', 'pause', NULL, 'tea', FALSE)"
                )
            )
    ledger = open_sql(url)
    assert ledger.inbox() == (Command(1, "night", EVENING, "ada", "pause", None, "tea", False, "", {}, Role.ADMIN),)
    assert ledger.access.keys() == ()
    with ledger.database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []
