"""verify, replay, report, export, load."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli.console import OTHER, people_console, print_json, say, tell
from orchestrator.cli.desks import desk
from orchestrator.cli.options import CampaignArgument, JsonOption, LedgerOption, workplace
from orchestrator.domain.errors import BadInput

OutOption = Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where to write it.", show_default=False)]


def verify(
    ctx: typer.Context,
    campaign: CampaignArgument,
    head: Annotated[str | None, typer.Option("--head", metavar="HASH", help="The last hash you know of; shows a truncated tail.")] = None,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Check hashes, sequence, and that replaying the events gives the stored projection. Exit code 1 names the first bad event."""
    from orchestrator import bootstrap

    with workplace(ctx, ledger) as place:
        found = bootstrap.find(place, campaign)
        report = bootstrap.verify(place, found, head)
    tell(f"{found}: {report.n_events} events, every hash, the sequence and the projection agree", as_json=as_json)
    tell(f"  head {report.head}", as_json=as_json)
    if as_json:
        print_json({"campaign": found, "is_intact": True, "events": report.n_events, "head": report.head})


def replay(ctx: typer.Context, campaign: CampaignArgument, as_json: JsonOption = False, ledger: LedgerOption = None) -> None:
    """Ask a fresh agent for every suggestion again, showing it only what came before. Exit code 1 names the first difference."""
    from orchestrator import bootstrap

    with workplace(ctx, ledger) as place, people_console().status("asking again") as status:
        found = bootstrap.find(place, campaign)
        report = bootstrap.replay(place, found, progress=lambda done: status.update(f"{done} suggestions reproduced"))
    if report.difference is None:
        tell(f"{found}: all {report.n_decisions} suggestions reproduced, {report.n_model_based} of them by a model", as_json=as_json)
    else:
        tell(f"{found}: differs from {report.difference}", as_json=as_json)
    if as_json:
        document = {
            "campaign": found,
            "decisions": report.n_decisions,
            "model_based": report.n_model_based,
            "difference": report.difference,
        }
        print_json(document)
    if report.difference is not None:
        raise typer.Exit(OTHER)


def report(ctx: typer.Context, campaign: CampaignArgument, output: OutOption = None, ledger: LedgerOption = None) -> None:
    """Write a campaign's report: one HTML file with its plots inside."""
    with desk(ctx, ledger) as at:
        found = at.find(campaign)
        path = writable(output or Path(f"{found}.html"))
        at.report(found, path)
    say(f"wrote {path}")


def export(ctx: typer.Context, campaign: CampaignArgument, output: OutOption = None, ledger: LedgerOption = None) -> None:
    """Write a campaign's trials as a table: CSV, or JSON Lines where the file's name ends in .jsonl."""
    with desk(ctx, ledger) as at:
        found = at.find(campaign)
        path = writable(output or Path(f"{found}.csv"))
        at.export(found, path)
    say(f"wrote {path}")


def writable(path: Path) -> Path:
    """Return the path if a file can be written there. Raises BadInput otherwise, before any work is done."""
    try:
        with path.open("ab"):
            return path
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}; choose another with -o") from None


def load(
    ctx: typer.Context,
    campaign: CampaignArgument,
    tiled: Annotated[
        str | None,
        typer.Option("--tiled", metavar="URI", help="Read it from a Tiled server alone, hashes checked; TILED_API_KEY holds the key."),
    ] = None,
    ledger: LedgerOption = None,
) -> None:
    """Print a campaign's table as CSV: what export writes, and what orchestrator.load gives a notebook."""
    if tiled is not None:
        _load_from_tiled(tiled, campaign)
        return
    from orchestrator.bootstrap.reading import csv_text, find

    with workplace(ctx, ledger) as place:
        found = find(place, campaign)
        sys.stdout.write(csv_text(place, found))
        say(f"in a notebook: import orchestrator; trials = orchestrator.load({found!r})")


def _load_from_tiled(uri: str, campaign: str) -> None:
    from orchestrator.bootstrap.from_tiled import csv_from_tiled
    from orchestrator.outbox.tiled_connection import place_at

    found, text = csv_from_tiled(place_at(uri), campaign)
    sys.stdout.write(text)
    say(f"in a notebook: import orchestrator; trials = orchestrator.load({found!r}, tiled={uri!r})")
