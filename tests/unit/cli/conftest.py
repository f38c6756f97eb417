"""Shells from which commands reach a ledger."""

import pytest

from orchestrator.bootstrap import Workplace
from orchestrator.domain.access import Role
from tests.served import make_key


@pytest.fixture(params=["ledger", "server"])
def where(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, workplace: Workplace, url: str) -> str:
    """A shell where the ledger is, or one that reaches it through a server."""
    if request.param == "ledger":
        monkeypatch.setenv("NIGHTSHIFT_LEDGER", workplace.address)
        monkeypatch.delenv("NIGHTSHIFT_SERVER", raising=False)
    else:
        monkeypatch.setenv("NIGHTSHIFT_SERVER", url)
        monkeypatch.setenv("NIGHTSHIFT_KEY", make_key(workplace, Role.OBSERVER, "anna"))
    return str(request.param)
