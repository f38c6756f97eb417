"""Who started a process, as the ledger names them."""

import getpass
import os

import pytest

from orchestrator.processes import this_person


def test_a_person_is_named_by_their_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "anna")

    assert this_person() == "human:anna"


@pytest.mark.parametrize("error", [KeyError("getpwuid(): uid not found: 4711"), OSError("No username set in the environment")])
def test_an_account_without_a_name_is_named_by_its_number(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def unknown() -> str:
        raise error

    monkeypatch.setattr(getpass, "getuser", unknown)

    assert this_person() == f"human:uid-{os.getuid()}"
