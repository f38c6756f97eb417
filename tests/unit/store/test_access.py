"""Claims on answers that meet at the worst moment."""

import pytest

from orchestrator.store import sql_access
from orchestrator.store.sql import SqlLedger
from orchestrator.testing.access_contract import make_answer


def test_a_claim_given_up_while_it_is_looked_at_is_free_again(ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch):
    """The first try finds it taken, and then finds nothing, since its holder gave it up in between."""
    claim, found_taken = sql_access._claim, iter([True])
    monkeypatch.setattr(sql_access, "_claim", lambda *asked: not next(found_taken, False) and claim(*asked))
    assert ledger.access.begin_answer(make_answer()) is None
    assert ledger.access.begin_answer(make_answer()) == make_answer()
