"""keys: create, list, revoke. They work where the ledger is, so that the first key needs no server and no key."""

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from orchestrator.cli.console import print_json, say
from orchestrator.cli.options import JsonOption, LedgerOption, workplace
from orchestrator.domain.errors import BadInput
from orchestrator.processes import this_person

if TYPE_CHECKING:
    from orchestrator.bootstrap import Workplace
    from orchestrator.domain.access import ApiKey
    from orchestrator.domain.events import LedgerData

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Whose it is, such as phone or beamline-7.", show_default=False)]
RoleOption = Annotated[
    Literal["observer", "analyst", "operator", "admin"],
    typer.Option(
        "--role", help="Observers look; analysts also score; operators also steer and approve; admins also widen limits and make keys."
    ),
]
DaysOption = Annotated[float | None, typer.Option("--days", help="Until it expires.", show_default="never")]
WhichArgument = Annotated[str, typer.Argument(metavar="ID|NAME", help="As `nightshift keys list` shows it.", show_default=False)]

_MOST_DAYS = 3650
"""Ten years, as over the API."""

keys = typer.Typer(help="API keys: for a phone, a script, another beamline.", no_args_is_help=True)


@keys.command()
def create(
    ctx: typer.Context, name: NameArgument, role: RoleOption = "observer", days: DaysOption = None, ledger: LedgerOption = None
) -> None:
    """Make a key. The only line on stdout is the key itself, and it is shown this once."""
    from orchestrator.api.security.keys import new_key
    from orchestrator.domain import events as ev
    from orchestrator.domain.access import Role

    _require_name(name)
    _require_days(days)
    with workplace(ctx, ledger) as place:
        key, text = new_key(name, Role(role), created_by=this_person(), now=_now(), days=days)
        place.access.add_key(key)
        _record(place, ev.KeyCreated(key_id=key.id, name=name, role=key.role, expires_at=key.expires_at))
    say(f"key {key.id} for {name}, {role}, {_until(key)}; keep it now, it is not shown again:")
    typer.echo(text)


@keys.command("list")
def list_keys(ctx: typer.Context, as_json: JsonOption = False, ledger: LedgerOption = None) -> None:
    """List all keys without their secrets, newest first; revoked and expired ones, too."""
    with workplace(ctx, ledger) as place:
        found = place.access.keys()
    if as_json:
        for key in found:
            print_json(key.model_dump(mode="json", exclude={"secret_sha256"}) | {"is_valid": key.is_valid(_now())})
    elif found:
        _print_keys(found)
    else:
        say("no keys yet; `nightshift keys create NAME --role operator` makes one")


@keys.command()
def revoke(ctx: typer.Context, which: WhichArgument, ledger: LedgerOption = None) -> None:
    """Revoke a key; sessions opened with it end, too."""
    from orchestrator.domain import events as ev

    with workplace(ctx, ledger) as place:
        key = _find(place.access.keys(), which)
        if not place.access.revoke_key(key.id, _now()):
            raise BadInput(f"key {key.id} ({key.name}) was revoked already")
        _record(place, ev.KeyRevoked(key_id=key.id, name=key.name))
    say(f"key {key.id} ({key.name}) opens nothing any more")


def _find(known: "tuple[ApiKey, ...]", which: str) -> "ApiKey":
    """Return the key of that id, else the one of that name that is not revoked."""
    named = [key for key in known if key.id == which] or [key for key in known if key.name == which and key.revoked_at is None]
    if not named:
        raise BadInput(f"no key that could be revoked is called {which!r}; see `nightshift keys list`")
    if len(named) > 1:
        raise BadInput(f"{len(named)} keys are called {which}: {', '.join(key.id for key in named)}; name one by its id")
    return named[0]


def _require_name(name: str) -> None:
    from orchestrator.domain.spec import NAME

    if not re.fullmatch(NAME, name):
        raise BadInput(
            f"a key cannot be called {name!r}; begin with a letter, and go on with at most 63 letters, digits, dots, dashes and underscores"
        )


def _require_days(days: float | None) -> None:
    if days is not None and not 0 < days <= _MOST_DAYS:
        raise BadInput(f"--days {days:g} is outside 0 to {_MOST_DAYS}; leave it out for a key that never expires")


def _record(place: "Workplace", data: "LedgerData") -> None:
    from orchestrator.domain.events import Draft

    place.ledger.append_note("system", Draft(at=_now(), actor=this_person(), data=data))


def _print_keys(known: "tuple[ApiKey, ...]") -> None:
    from orchestrator.cli.tables import print_table

    rows = [(key.id, key.name, str(key.role), _until(key), _minute(key.last_used_at) or "never", key.created_by) for key in known]
    print_table(("id", "name", "role", "valid", "last used", "made by"), rows)


def _until(key: "ApiKey") -> str:
    """Return ``revoked``, ``expired``, ``for ever`` or until when."""
    if key.revoked_at is not None:
        return "revoked"
    if key.expires_at is None:
        return "for ever"
    return f"until {_minute(key.expires_at)}" if key.is_valid(_now()) else "expired"


def _minute(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.astimezone():%Y-%m-%d %H:%M}"


def _now() -> datetime:
    return datetime.now(UTC)
