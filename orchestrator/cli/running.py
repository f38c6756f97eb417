"""run, check, resume."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.console import exit_code_of_status, people_console, print_json, say, tell
from orchestrator.cli.desks import server_of
from orchestrator.cli.options import (
    CampaignArgument,
    JsonOption,
    LedgerOption,
    NoWaitOption,
    PortOption,
    SeedOption,
    SetOption,
    SpecArgument,
    workplace,
)
from orchestrator.cli.running_there import check_there, run_there
from orchestrator.cli.steering import order
from orchestrator.domain.errors import BadInput

if TYPE_CHECKING:
    from orchestrator.bootstrap.outcome import Outcome, Switch
    from orchestrator.campaign_file import CampaignFile
    from orchestrator.cli.live import View


def run(
    ctx: typer.Context,
    spec: SpecArgument,
    seed: SeedOption = None,
    changes: SetOption = None,
    no_wait: NoWaitOption = False,
    as_json: JsonOption = False,
    is_served: Annotated[bool, typer.Option("--serve", help="Open its page beside it, and print the link.")] = False,
    port: PortOption = 8088,
    simulate: Annotated[
        bool, typer.Option("--simulate", help="On mock devices with the real limits and speeds: predicts duration, travel and dose.")
    ] = False,
    data: Annotated[
        Path | None, typer.Option("--data", help="With --simulate: a CSV of earlier measurements to answer from.", show_default=False)
    ] = None,
    ledger: LedgerOption = None,
) -> None:
    """Run a campaign to its end. Ctrl-C pauses after the trial in progress; a second one stops now, safely.

    With a server, it runs there, and Ctrl-C only leaves.
    """
    if simulate or data is not None:
        if not simulate:
            raise BadInput(f"--data {data} is for --simulate; add it, or leave --data out")
        from orchestrator.cli.rehearsing import show_foresight

        show_foresight(_load(spec, changes, seed), data, as_json=as_json)
        return
    if (url := server_of(ctx, ledger)) is not None:
        if is_served or no_wait:
            raise BadInput(f"--serve and --no-wait are for a campaign that runs here; leave them out, or --server {url}")
        run_there(url, spec, _changes(changes), seed, as_json=as_json)
    file = _load(spec, changes, seed)
    if is_served:
        if no_wait:
            raise BadInput("--no-wait and --serve exclude each other: with a page, people answer there")
        from orchestrator.cli.running_served import run_served

        _finish(run_served(ctx, file, port, ledger), as_json)
    from orchestrator import bootstrap

    with workplace(ctx, ledger) as place, at_the_terminal() as (view, switch):
        outcome = bootstrap.run(place, file, live=view, switch=switch, wait=not no_wait)
    _finish(outcome, as_json)


def resume(
    ctx: typer.Context,
    campaign: CampaignArgument,
    no_wait: NoWaitOption = False,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Go on with a campaign: tell its runner if that lives, else take it over here; with a server, let that one do so."""
    if server_of(ctx, ledger) is not None:
        order(ctx, "resume", campaign, ledger, as_json)
        return
    from orchestrator import bootstrap

    with workplace(ctx, ledger) as place, at_the_terminal() as (view, switch):
        outcome = bootstrap.resume(place, campaign, live=view, switch=switch, wait=not no_wait)
    _finish(outcome, as_json)


def check(
    ctx: typer.Context,
    spec: SpecArgument,
    connect: Annotated[bool, typer.Option("--connect", help="Connect to the instrument and read its limits; moves nothing.")] = False,
    seed: SeedOption = None,
    changes: SetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Validate a campaign and say what would happen. Moves and records nothing. With a server: there."""
    if (url := server_of(ctx, None)) is not None:
        seeded = {} if seed is None else {"seed": str(seed)}
        check_there(url, spec, _changes(changes) | seeded, connect=connect, as_json=as_json)
        return
    file = _load(spec, changes, seed)
    from orchestrator import bootstrap

    report = bootstrap.check(file, connect=connect, workplace=lambda: workplace(ctx, None))
    for line in report.lines:
        tell(line, as_json=as_json)
    if as_json:
        print_json({"spec": file.source_name, "name": file.spec.name, "is_valid": True, "lines": list(report.lines)})


def _load(spec: str, changes: Sequence[str] | None, seed: int | None) -> "CampaignFile":
    from orchestrator.campaign_file import load

    return load(spec, _changes(changes), seed)


def _changes(changes: Sequence[str] | None) -> dict[str, str]:
    return dict(map(_split, changes or ()))


def _split(change: str) -> tuple[str, str]:
    path, equals, value = change.partition("=")
    if not equals:
        raise BadInput(f"--set {change}: has no '='; write it as path.to.key=value, for example --set budget.trials=20")
    return path.strip(), value


@contextmanager
def at_the_terminal(label: str = "") -> "Iterator[tuple[View, Switch]]":
    """Show progress, each line beginning with the label, and let signals pause and stop, while the block runs."""
    from orchestrator.bootstrap.outcome import Switch
    from orchestrator.cli.interrupting import obeying_signals
    from orchestrator.cli.live import live_view

    switch = Switch()
    with live_view(people_console(), label=label) as view, obeying_signals(switch, is_idle=lambda: view.is_idle, tell=view.notice):
        yield view, switch


def _finish(outcome: "Outcome", as_json: bool) -> None:
    from orchestrator.cli.ending import document_of, lines_of

    for line in lines_of(outcome):
        say(line)
    if as_json:
        print_json(document_of(outcome))
    raise typer.Exit(exit_code_of_status(outcome.status))
