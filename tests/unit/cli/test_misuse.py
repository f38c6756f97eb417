"""Values of the wrong kind on the command line, refused in words for people."""

import pytest
from typer.testing import CliRunner

from orchestrator.cli.app import app
from tests.terminal import refusal


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("run", "crossed-barrel", "--seed", "abc"), "--seed abc: must be a whole number"),
        (("run", "crossed-barrel", "--seed", "1.5"), "--seed 1.5: must be a whole number"),
        (("keys", "create", "x", "--days", "soon"), "--days soon: must be a number"),
        (("keys", "create", "x", "--role", "boss"), "--role boss: choose from observer, analyst, operator, admin"),
        (("keys", "create", "x", "--role", "admim"), "--role admim: did you mean 'admin'? choose from observer, analyst, operator, admin"),
        (("show", "last", "best"), "TRIAL best: must be a whole number"),
        (("log", "last", "--after", "-3"), "--after -3: must be at least 0; write a larger value"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_by_name_value_and_what_it_must_be(arguments: tuple[str, ...], says: str):
    assert refusal(*arguments) == f"error: {says}\n"


def test_what_the_command_line_itself_does_not_know_it_explains_itself():
    result = CliRunner().invoke(app, ["watch", "last", "--bogus"])
    assert result.exit_code == 2
    assert "No such option: --bogus" in result.stderr


def test_export_says_both_kinds_of_table_it_writes():
    said = CliRunner().invoke(app, ["export", "--help"]).stdout
    assert "CSV" in said
    assert ".jsonl" in said
