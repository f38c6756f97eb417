"""A URL becomes a ledger, or a sentence about what is wrong with it."""

from pathlib import Path

import pytest

from orchestrator.domain.errors import LedgerUnusable
from orchestrator.store.memory import MemoryLedger
from orchestrator.store.opening import default_url, open_ledger


def test_the_default_ledger_is_a_file_in_the_folder(tmp_path: Path):
    open_ledger(default_url(tmp_path / "my data")).close()
    assert (tmp_path / "my data" / "ledger.db").is_file()


def test_memory_is_a_ledger_too():
    assert isinstance(open_ledger("memory:"), MemoryLedger)


@pytest.mark.parametrize("url", ["", "ledger.db", "/data/ledger.db"])
def test_what_is_no_url_is_refused_with_examples(url: str):
    with pytest.raises(LedgerUnusable, match=r"is not a ledger's URL; write sqlite:///path"):
        open_ledger(url)


@pytest.mark.parametrize(("url", "backend"), [("mysql://host/db", "mysql"), ("mongodb://host/db", "mongodb")])
def test_an_unknown_database_is_refused_with_examples(url: str, backend: str):
    with pytest.raises(LedgerUnusable, match=rf"cannot be kept in {backend}; write sqlite:///path"):
        open_ledger(url)


def test_a_server_that_does_not_answer_is_named_without_its_password():
    with pytest.raises(LedgerUnusable, match=r"postgresql://ada:\*\*\*@127\.0\.0\.1:1/nights cannot be reached") as refusal:
        open_ledger("postgresql://ada:topsecret@127.0.0.1:1/nights")
    assert "topsecret" not in str(refusal.value)
