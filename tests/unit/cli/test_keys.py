"""Keys from the terminal: the first one needs no server."""

import getpass
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from orchestrator import bootstrap
from orchestrator.api.security.keys import check_key
from orchestrator.bootstrap import Workplace
from orchestrator.cli.app import app
from orchestrator.domain.access import Role
from tests.docs.pages import DOCS
from tests.docs.shell import surroundings

WHO = f"human:{getpass.getuser()}"


@pytest.fixture
def workplace(tmp_path: Path) -> Iterator[Workplace]:
    with bootstrap.open_workplace(f"sqlite:///{tmp_path / 'ledger.db'}") as place:
        yield place


def nightshift(place: Workplace, *arguments: str, wanted: int = 0) -> Result:
    folder = Path(place.url.removeprefix("sqlite:///")).parent
    result = CliRunner().invoke(app, ["--ledger", place.url, *arguments], env=dict(surroundings(folder)), catch_exceptions=False)
    assert result.exit_code == wanted, result.stderr
    return result


def documents(place: Workplace) -> list[dict[str, object]]:
    return [json.loads(line) for line in nightshift(place, "keys", "list", "--json").stdout.splitlines()]


def test_stdout_is_the_key_and_the_key_works_until_it_expires(workplace: Workplace) -> None:
    made = nightshift(workplace, "keys", "create", "phone", "--role", "operator", "--days", "30")
    text, now = made.stdout.strip(), datetime.now(UTC)
    key = check_key(workplace.access, text, now)
    assert key is not None
    assert (key.name, key.role, key.created_by) == ("phone", Role.OPERATOR, WHO)
    assert check_key(workplace.access, text, now + timedelta(days=31)) is None
    assert text not in made.stderr
    assert "not shown again" in made.stderr


def test_who_made_and_revoked_a_key_is_in_the_ledger_and_its_secret_is_nowhere(workplace: Workplace) -> None:
    text = nightshift(workplace, "keys", "create", "phone").stdout.strip()
    nightshift(workplace, "keys", "revoke", "phone")
    assert check_key(workplace.access, text, datetime.now(UTC)) is None
    events = workplace.ledger.read("system")
    assert [(event.type, event.actor) for event in events] == [("key-created", WHO), ("key-revoked", WHO)]
    secret = text.split("_", 2)[2]  # which may hold underscores itself
    stored = b"".join(path.read_bytes() for path in Path(workplace.url.removeprefix("sqlite:///")).parent.glob("ledger.db*"))
    assert b"phone" in stored
    assert secret.encode() not in stored


def test_the_list_shows_every_key_and_no_secret(workplace: Workplace) -> None:
    text = nightshift(workplace, "keys", "create", "phone").stdout.strip()
    nightshift(workplace, "keys", "create", "script", "--role", "admin", "--days", "1")
    nightshift(workplace, "keys", "revoke", "script")
    listed = nightshift(workplace, "keys", "list")
    assert listed.stderr == ""
    assert all(word in listed.stdout for word in ("phone", "for ever", "script", "revoked", WHO))
    assert [(key["name"], key["is_valid"]) for key in documents(workplace)] == [("script", False), ("phone", True)]
    assert text.split("_", 2)[2] not in listed.output + json.dumps(documents(workplace))


def test_the_reference_page_names_what_a_program_gets(workplace: Workplace) -> None:
    nightshift(workplace, "keys", "create", "phone")
    page = (DOCS / "reference" / "exit-codes-and-json.md").read_text(encoding="utf-8")
    section = page.partition("## `keys list`")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == set(documents(workplace)[0])


def test_an_empty_list_says_how_to_make_a_key(workplace: Workplace) -> None:
    assert "nightshift keys create NAME" in nightshift(workplace, "keys", "list").stderr


def test_of_two_keys_of_one_name_the_id_tells_which(workplace: Workplace) -> None:
    for _ in range(2):
        nightshift(workplace, "keys", "create", "phone")
    refused = nightshift(workplace, "keys", "revoke", "phone", wanted=2)
    newest = str(documents(workplace)[0]["id"])
    assert newest in refused.stderr
    nightshift(workplace, "keys", "revoke", newest)
    assert [key["is_valid"] for key in documents(workplace)] == [False, True]
    assert "revoked already" in nightshift(workplace, "keys", "revoke", newest, wanted=2).stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("revoke", "nobody"), "'nobody'"),
        (("create", "../phone"), "'../phone'"),
        (("create", "phone", "--days", "0"), "--days 0"),
        (("create", "phone", "--days", "nan"), "--days nan"),
        (("create", "phone", "--role", "king"), "king"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_recorded(workplace: Workplace, arguments: tuple[str, ...], said: str) -> None:
    assert said in nightshift(workplace, "keys", *arguments, wanted=2).stderr
    assert workplace.ledger.read("system") == ()
    assert workplace.access.keys() == ()
