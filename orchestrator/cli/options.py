"""Options and arguments that several commands share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from orchestrator.bootstrap.workplace import Workplace

LedgerOption = Annotated[
    str | None,
    typer.Option("--ledger", metavar="URL", help="Any SQLAlchemy URL; also NIGHTSHIFT_LEDGER. Default: SQLite in your data folder."),
]
ServerOption = Annotated[
    str | None,
    typer.Option(
        "--server",
        metavar="URL",
        envvar="NIGHTSHIFT_SERVER",
        help="Reach campaigns through nightshift serve, with NIGHTSHIFT_KEY.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document per line on stdout.")]
CampaignArgument = Annotated[
    str, typer.Argument(metavar="ID", help="A campaign, the beginning of its name, or 'last'.", show_default=False)
]
SpecArgument = Annotated[
    str, typer.Argument(metavar="SPEC", help="A campaign file, or the name of a bundled campaign.", show_default=False)
]
SeedOption = Annotated[int | None, typer.Option("--seed", help="Replaces the campaign's seed.", show_default=False)]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Replaces one value, such as budget.trials=20. Repeatable.")
]
PortOption = Annotated[int, typer.Option("--port", help="Port to listen on.")]
NoWaitOption = Annotated[bool, typer.Option("--no-wait", help="Leave with exit code 3 as soon as a person is needed.")]


@contextmanager
def workplace(ctx: typer.Context, ledger: str | None) -> "Iterator[Workplace]":
    """Open the ledger named after the command, else the one named before it, else the person's own."""
    from orchestrator import bootstrap

    with bootstrap.open_workplace(ledger or ctx.obj) as place:
        yield place
