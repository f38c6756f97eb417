"""A ledger goes out as a run, and comes back as it was stored."""

import pytest
from event_model import DocumentNames, schema_validators

from orchestrator.domain.events import CampaignCompleted, Draft, NoteLeft
from orchestrator.outbox import decisions
from orchestrator.store.chain import ChainCheck, event_of, seal
from orchestrator.testing.fakes import EVENING

DATA = (NoteLeft(text="before “midnight”"), NoteLeft(text="0.1 + 0.2"), CampaignCompleted(reason="all 3 trials"))
ROWS = seal("night-1", [Draft(at=EVENING, actor="engine", data=data) for data in DATA], after=0, head="0" * 64, token=7)


def test_every_document_is_one_that_event_model_knows():
    documents = [*decisions.beginning(ROWS[0]), *map(decisions.event, ROWS), decisions.ending(ROWS)]
    for name, document in documents:
        schema_validators[DocumentNames[name]].validate(document)
    assert [name for name, _ in documents] == ["start", "descriptor", "event", "event", "event", "stop"]
    assert documents[-1][1]["exit_status"] == "success"


def test_what_comes_back_is_what_was_stored_and_its_chain_holds():
    check = ChainCheck("night-1", head=ROWS[-1]["hash"])
    for row in ROWS:
        _name, document = decisions.event(row)
        back = decisions.stored_row("night-1", {"seq_num": document["seq_num"], **document["data"]})
        assert back == dict(row)
        check.see(back)
    check.finish(None)
    assert event_of(ROWS[1]).data == DATA[1]


def test_told_twice_it_has_the_same_uids():
    assert decisions.beginning(ROWS[0]) == decisions.beginning(ROWS[0])
    assert len({decisions.event(row)[1]["uid"] for row in ROWS}) == len(ROWS)
    assert decisions.run_uid("night-1") != decisions.run_uid("night-2")


def test_a_campaign_that_goes_on_has_no_stop():
    assert decisions.ending(ROWS[:2]) is None


@pytest.mark.parametrize("column", decisions.COLUMNS)
def test_a_missing_column_is_noticed(column):
    _name, document = decisions.event(ROWS[0])
    told = {"seq_num": 1, **document["data"]}
    del told[column]
    with pytest.raises(KeyError, match=column):
        decisions.stored_row("night-1", told)
