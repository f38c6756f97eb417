"""new, plugins, doctor, schema."""

import json
import sys
from typing import Annotated

import typer

from orchestrator.cli.console import OTHER, print_json, tell
from orchestrator.cli.options import JsonOption, LedgerOption


def new(
    source: Annotated[str, typer.Option("--from", metavar="NAME", help="The bundled campaign to start from.")] = "beamline-alignment",
) -> None:
    """Print a commented campaign to start from: nightshift new --from crossed-barrel > my-campaign.yaml"""
    from orchestrator.campaign_file import bundled_text

    sys.stdout.write(bundled_text(source))


def schema() -> None:
    """Print the JSON Schema of campaign files, with the plug-ins installed here, so that editors complete them."""
    from orchestrator.schema import campaign_schema, installed

    sys.stdout.write(json.dumps(campaign_schema(installed()), indent=2, ensure_ascii=False) + "\n")


def plugins(as_json: JsonOption = False) -> None:
    """List every agent, reward, analyser, guardian and instrument installed here, with its settings."""
    from orchestrator.cli.plugin_list import all_plugins, print_plugins

    found = tuple(all_plugins())
    if as_json:
        for plugin in found:
            print_json(plugin.document())
    else:
        print_plugins(found)


def doctor(ctx: typer.Context, as_json: JsonOption = False, ledger: LedgerOption = None) -> None:
    """Examine this installation; a line each, with the way out. Exit code 1 if something is bad."""
    from orchestrator.doctor import examine

    is_bad = False
    for finding in examine(ledger or ctx.obj):  # each is shown as it is found: importing torch takes seconds
        if as_json:
            print_json(finding.document())
        else:
            tell(str(finding))
        is_bad |= finding.grade == "bad"
    if is_bad:
        raise typer.Exit(OTHER)
