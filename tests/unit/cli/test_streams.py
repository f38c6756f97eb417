"""What a command was asked for is on stdout, so that it can be searched, paged and kept; everything else is on stderr."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestrator import bootstrap
from orchestrator.cli.app import app
from orchestrator.cli.console import tell
from tests.builders import campaign_events
from tests.night import CAMPAIGN, Night
from tests.recorded import record
from tests.terminal import nightshift


@pytest.fixture(autouse=True)
def campaign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A campaign that is over, in a ledger of the test's own."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    monkeypatch.setenv("NIGHTSHIFT_LEDGER", url)
    monkeypatch.delenv("NIGHTSHIFT_SERVER", raising=False)
    with bootstrap.open_workplace(url) as place:
        return record(place, Night(drafts=list(campaign_events(4))))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["list"], CAMPAIGN),
        (["show", "last"], "budget 4 of 4 trials"),
        (["show", "last", "2"], f"{CAMPAIGN}, trial 2"),
        (["log", "last"], "campaign-completed"),
        (["watch", "last"], "Completed"),
        (["watch", "last", "--once"], "Completed"),
        (["verify", "last"], "the sequence and the projection agree"),
        (["plugins"], "bayesian"),
        (["check", "crossed-barrel"], "nothing was moved"),
    ],
    ids=" ".join,
)
def test_what_was_asked_for_is_on_stdout_alone(arguments: list[str], words: str):
    result = nightshift(*arguments)
    assert words in result.stdout
    assert result.stderr == ""


@pytest.mark.parametrize("arguments", [["verify", "last"], ["check", "crossed-barrel"]], ids=lambda each: each[0])
def test_beside_json_people_read_stderr(arguments: list[str]):
    result = nightshift(*arguments, "--json")
    assert [type(json.loads(line)) for line in result.stdout.splitlines()] == [dict]
    assert result.stderr


def test_errors_and_what_became_of_an_order_are_on_stderr():
    refused = CliRunner().invoke(app, ["show", "nothing-of-this-name"])
    assert (refused.exit_code, refused.stdout) == (2, "")
    noted = nightshift("note", "last", "the beam looked odd")
    assert (noted.stdout, "noted" in noted.stderr) == ("", True)


def test_whoever_stops_reading_is_told_no_more(monkeypatch: pytest.MonkeyPatch):
    """The error is passed on: the command then ends, as every program does whose ``| head`` has seen enough."""

    def gone(_text: str) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("sys.stdout.write", gone)
    with pytest.raises(BrokenPipeError):
        tell("one line too many")
