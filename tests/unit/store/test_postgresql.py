"""PostgreSQL's own ways of failing."""

import pytest
from sqlalchemy import make_url, text

from orchestrator.domain.errors import LedgerError, LedgerUnusable
from orchestrator.store import sql_leases
from orchestrator.store.holders import this_holder
from orchestrator.store.opening import open_ledger
from orchestrator.store.sql import SqlLedger
from orchestrator.testing.store_contract import CAMPAIGN, drafts
from tests.unit.store.conftest import Opener, take


@pytest.fixture
def ledger(postgres_url: str, open_sql: Opener) -> SqlLedger:
    return open_sql(postgres_url)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("idle_in_transaction_session_timeout", "10s"), ("lock_timeout", "20s"), ("synchronous_commit", "on"), ("fsync", "on")],
)
def test_a_session_is_durable_and_cannot_hold_others_up_for_ever(ledger: SqlLedger, setting: str, value: str):
    with ledger.database.reading() as connection:
        assert connection.execute(text(f"SHOW {setting}")).scalar_one() == value


def test_a_writer_frozen_in_a_transaction_is_cut_off_and_writes_nothing(ledger: SqlLedger, postgres_url: str, open_sql: Opener):
    lease = take(ledger)
    other = open_sql(postgres_url)

    def freeze_until_the_server_gives_up() -> None:
        with ledger.database.writing() as connection:
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = '50ms'"))
            connection.execute(text("UPDATE leases SET token = 99"))
            other.renew(lease, ttl=60)  # waits for the row until the server ends the frozen session
            connection.execute(text("SELECT 1"))

    with pytest.raises(LedgerError):
        freeze_until_the_server_gives_up()
    other.append(CAMPAIGN, drafts(1), expected_seq=0, lease=lease)


def test_nobody_takes_a_lease_while_its_holder_is_writing(ledger: SqlLedger, postgres_url: str, open_sql: Opener):
    lease = take(ledger)
    other = open_sql(postgres_url)
    with other.database.reading() as connection:
        connection.execute(text("SET lock_timeout = '50ms'"))
        connection.commit()
    with ledger.database.writing() as connection:
        sql_leases.require(connection, lease)
        with pytest.raises(LedgerError, match="stayed locked"):
            other.acquire(lease.name, this_holder(), ttl=60, take_over=True)


def test_a_server_that_restarted_is_reached_again(ledger: SqlLedger, postgres_url: str, open_sql: Opener):
    lease = take(ledger)
    with open_sql(postgres_url).database.reading() as connection:
        ended = connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        )
        assert len(ended.all()) >= 1
    assert ledger.append(CAMPAIGN, drafts(2), expected_seq=0, lease=lease)[-1].seq == 2


def test_a_user_who_may_only_read_is_refused(ledger: SqlLedger):
    lease = take(ledger)
    with ledger.database.reading() as connection:
        connection.execute(text("SET default_transaction_read_only = on"))
        connection.commit()
    with pytest.raises(LedgerUnusable, match="cannot be written: cannot execute"):
        ledger.append(CAMPAIGN, drafts(1), expected_seq=0, lease=lease)


def test_a_user_who_may_only_read_can_look(ledger: SqlLedger, postgres_url: str, open_sql: Opener):
    """The grants of ``docs/how-to/use-postgresql.md``, in this test's schema."""
    ledger.append(CAMPAIGN, drafts(2), expected_seq=0, lease=take(ledger))
    with ledger.database.writing() as connection:
        schema = connection.execute(text("SELECT current_schema()")).scalar_one()
        connection.execute(text(f"CREATE USER looks_{schema} PASSWORD 'chosen'"))
        connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO looks_{schema}"))
        connection.execute(text(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO looks_{schema}"))
    url = make_url(postgres_url).set(username=f"looks_{schema}", password="chosen").render_as_string(hide_password=False)
    with pytest.raises(LedgerUnusable, match="cannot be written: permission denied"):
        open_sql(url).append_note("system", drafts(1)[0])
    looking = open_ledger(url, read_only=True)
    assert looking.read(CAMPAIGN) == ledger.read(CAMPAIGN)
    looking.close()
