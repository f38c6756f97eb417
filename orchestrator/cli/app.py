"""Every command, by name, and what becomes of errors."""

from collections.abc import Callable
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from orchestrator.cli import (
    alerts,
    answering,
    benching,
    changing,
    documents,
    keys,
    looking,
    predicting,
    proving,
    running,
    safe_stopping,
    serving,
    site,
    skipping,
    starting,
    steering,
    watching,
)
from orchestrator.cli.console import exit_code_of_error, say
from orchestrator.cli.desks import SERVER
from orchestrator.cli.misuse import in_our_words
from orchestrator.cli.options import LedgerOption, ServerOption
from orchestrator.domain.errors import BadInput, NightshiftError
from orchestrator.ownership import require_own_packages


class Commands(TyperGroup):
    """Turns errors that Nightshift raises on purpose into a line for people and an exit code for scripts."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except NightshiftError as error:
            raise _told(error) from error
        except typer.BadParameter as error:
            ours = in_our_words(error)
            if ours is None:
                raise
            raise _told(ours) from error

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.commands)


def _told(error: NightshiftError) -> typer.Exit:
    """Say what went wrong, and return the end of the program."""
    for line in str(error).splitlines() or [type(error).__name__]:
        say(f"error: {line}")
    return typer.Exit(exit_code_of_error(error))


app = typer.Typer(
    cls=Commands,
    help="Run autonomous experiments through the night: Bluesky moves, an agent suggests, guardians watch, a ledger records why.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"nightshift {version('nightshift')}")
        raise typer.Exit


@app.callback()
def _before_every_command(
    ctx: typer.Context,
    ledger: LedgerOption = None,
    server: ServerOption = None,
    _version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    if ctx.invoked_subcommand != "doctor":  # which tells more about it
        require_own_packages()
    ctx.obj = ledger
    ctx.meta[SERVER] = server
    _require_served(ctx, server)


def _require_served(ctx: typer.Context, server: str | None) -> None:
    """Refuse a server that a command would silently not use; one named by the environment alone is no wish."""
    source = ctx.get_parameter_source("server")
    if server is None or source is None or source.name != "COMMANDLINE" or ctx.invoked_subcommand in _THROUGH_A_SERVER:
        return
    raise BadInput(f"{ctx.invoked_subcommand} works where the ledger is, not through a server; leave --server {server} out")


_CHANGES = (
    changing.note,
    changing.suggest,
    changing.edit,
    changing.fix,
    changing.release,
    changing.limits,
    changing.budget,
    changing.switch,
    answering.score,
)
_STEERING = (steering.pause, steering.stop, steering.abort, safe_stopping.safe_stop, steering.approve, steering.veto, skipping.skip)
_LOOKING = (looking.list_campaigns, looking.show, watching.watch, looking.log, proving.report, proving.export, predicting.predict)


_LENIENT = {"ignore_unknown_options": True}
"""So that a score below zero is a value, and no option."""


def _name(command: Callable[..., None]) -> str:
    return command.__name__.removesuffix("_campaigns").replace("_", "-")


_THROUGH_A_SERVER = frozenset(map(_name, (*_CHANGES, *_STEERING, *_LOOKING, running.run, running.check, running.resume)))

for panel, commands in (
    ("Run", (running.run, running.check, running.resume, starting.new)),
    ("Steer, from any terminal", _STEERING),
    ("Change, while it runs", _CHANGES),
    ("Look", (*_LOOKING, proving.load)),
    ("Serve", (serving.serve,)),
    ("Prove", (proving.verify, proving.replay, benching.bench)),
    ("Set up", (starting.plugins, starting.doctor, starting.schema, documents.documents)),
):
    for command in commands:
        app.command(_name(command), rich_help_panel=panel, context_settings=_LENIENT if command is answering.score else None)(command)
app.add_typer(alerts.app, name="alerts", rich_help_panel="Set up")

app.add_typer(site.app, name="site", rich_help_panel="Set up")
app.add_typer(keys.keys, name="keys", rich_help_panel="Serve")
