"""nightshift documents: what has not arrived, and sending it again."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestrator.bootstrap import open_workplace, sending
from orchestrator.cli.app import app
from orchestrator.domain.errors import BadInput
from orchestrator.outbox.refused import keep_decisions
from orchestrator.outbox.standing import begin


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    site = tmp_path / "site.yaml"
    monkeypatch.setenv("NIGHTSHIFT_SITE", str(site))
    name_in_site(site, "Tiled")
    begin(tmp_path / "outbox", "night-1", ["Tiled"])
    return f"sqlite:///{tmp_path}/ledger.db"


def name_in_site(site: Path, *names: str) -> None:
    places = {"Tiled": {"tiled": {"uri": "http://localhost:1"}}, "Kafka": {"kafka": {"servers": "a:1", "topic": "t"}}}
    documents = {key: value for name in names for key, value in places[name].items()}
    site.write_text(json.dumps({"name": "bl99", "profile": {"module": "m"}, "documents": documents}))
    site.chmod(0o600)


def test_what_was_refused_is_offered_again_and_nothing_else_can_be(tmp_path: Path, ledger: str):
    keep_decisions(tmp_path / "outbox" / "night-1", "Tiled")
    with open_workplace(ledger) as workplace:
        (tmp_path / "outbox" / "night-1" / "tiled.json").write_text('{"n_refused": 1}')
        assert (sending.resend(workplace, "night-1"), sending.resend(workplace, "night-1")) == (1, 1)
        (tmp_path / "outbox" / "night-1" / "tiled.json").unlink()
        with pytest.raises(BadInput, match="nothing of night-1 was refused; see nightshift documents"):
            sending.resend(workplace, "night-1")


def test_an_unknown_campaign_is_refused_before_anything_is_sent(ledger: str):
    result = CliRunner().invoke(app, ["documents", "--resend", "night-7", "--ledger", ledger])
    assert result.exit_code == 2
    assert "night-7" in result.output


def test_the_site_file_says_what_is_configured_whenever_it_changes(tmp_path: Path, ledger: str, monkeypatch: pytest.MonkeyPatch):
    assert sending.configured() == ("Tiled",)
    name_in_site(tmp_path / "site.yaml", "Tiled", "Kafka")
    assert sending.configured() == ("Tiled", "Kafka")
    name_in_site(tmp_path / "site.yaml")
    assert sending.configured() == ()
    monkeypatch.setenv("NIGHTSHIFT_SITE", str(tmp_path / "nowhere.yaml"))
    assert sending.configured() is None, "another terminal may not know where the site file is"
