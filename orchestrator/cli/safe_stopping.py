"""safe-stop: the instrument first, whatever its engine does."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.console import print_json, say
from orchestrator.cli.desks import key_for, server_of
from orchestrator.cli.options import CampaignArgument, JsonOption, LedgerOption, workplace
from orchestrator.processes import this_person

if TYPE_CHECKING:
    from orchestrator.bootstrap.safe_stop_report import SafeStopReport


def safe_stop(
    ctx: typer.Context,
    campaign: CampaignArgument,
    note: Annotated[str, typer.Option("--note", help="Why; kept in the ledger.", show_default=False)] = "",
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Make a campaign's instrument safe at once, even while its engine hangs. The campaign stops and can be resumed."""
    url = server_of(ctx, ledger)
    report = _on_the_ledger(ctx, ledger, campaign, note) if url is None else _through_a_server(url, campaign, note)
    for action in report.actions:
        say(f"  {action}")
    say(f"{report.campaign}: {report.times}")
    if as_json:
        print_json(asdict(report))


def _on_the_ledger(ctx: typer.Context, ledger: str | None, campaign: str, note: str) -> "SafeStopReport":
    from orchestrator.bootstrap.safe_stop import safe_stop as stop_safely

    with workplace(ctx, ledger) as place:
        return stop_safely(place, campaign, actor=this_person(), note=note)


def _through_a_server(url: str, campaign: str, note: str) -> "SafeStopReport":
    from orchestrator.bootstrap.safe_stop_report import SafeStopReport
    from orchestrator.client import NightshiftClient

    with NightshiftClient(url, key_for(url)) as client:
        done = client.safe_stop(client.find(campaign), note)
    return SafeStopReport(done.campaign, done.actions, done.seconds_to_command, done.seconds_to_still)
