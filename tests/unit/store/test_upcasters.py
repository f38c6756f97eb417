"""Old events are read in today's words and stay what they are on disk."""

import json

import pytest

from orchestrator.domain.errors import LedgerCorrupt
from orchestrator.domain.events import GENESIS, SCHEMA_VERSION, NoteLeft, chain_hash
from orchestrator.store.chain import Row, event_of
from orchestrator.store.sql import SqlLedger
from orchestrator.store.tables import events
from orchestrator.store.upcasters import UPCASTERS, Content, upcast

OLD = SCHEMA_VERSION - 1


def from_remark(content: Content) -> Content:
    """Once a note was called a remark, and so was its text."""
    if content["type"] != "remark-left":
        return content
    return {"type": "note-left", "text": content["remark"]}


def old_row() -> Row:
    columns = {
        "stream": "system",
        "seq": 1,
        "at": "2020-01-01T00:00:00+00:00",
        "actor": "ada",
        "type": "remark-left",
        "schema_version": OLD,
        "token": 0,
        "data": json.dumps({"remark": "it snows"}),
        "prev_hash": GENESIS,
    }
    return {**columns, "hash": chain_hash(columns)}


def test_an_old_event_is_read_in_todays_words_and_still_verifies(ledger: SqlLedger):
    with ledger.database.writing() as connection:
        connection.execute(events.insert(), old_row())
    today = SqlLedger(ledger.database, upcasters={OLD: from_remark})
    (event,) = today.read("system")
    assert event.data == NoteLeft(text="it snows")
    assert (event.schema_version, event.hash) == (OLD, old_row()["hash"])
    today.verify("system", head=event.hash)


def test_an_old_event_without_an_upcaster_is_named():
    with pytest.raises(LedgerCorrupt, match=rf"stream system, event 1 \(remark-left\).*no upcaster starts from version {OLD}"):
        event_of(old_row())


def test_a_newer_event_is_named():
    with pytest.raises(LedgerCorrupt, match=rf"schema version 99 is newer than {SCHEMA_VERSION}"):
        event_of({**old_row(), "schema_version": 99})


def test_upcasters_follow_one_another():
    steps = {SCHEMA_VERSION - 2: from_remark, OLD: lambda content: {**content, "text": content["text"].upper()}}
    content = upcast({"type": "remark-left", "remark": "it snows"}, SCHEMA_VERSION - 2, steps)
    assert content == {"type": "note-left", "text": "IT SNOWS"}


def test_every_older_version_has_an_upcaster():
    assert set(UPCASTERS) == set(range(1, SCHEMA_VERSION))
