"""documents: how far they have come on their way to Tiled and Kafka, and sending what waits."""

from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.console import OTHER, people_console, print_json, say, tell
from orchestrator.cli.options import JsonOption, LedgerOption, workplace
from orchestrator.domain.errors import BadInput

if TYPE_CHECKING:
    from orchestrator.bootstrap import Workplace
    from orchestrator.outbox.standing import Standing


def documents(
    ctx: typer.Context,
    send: Annotated[bool, typer.Option("--send", help="Send what waits, and return when all has gone or --seconds are over.")] = False,
    resend: Annotated[
        str | None,
        typer.Option("--resend", metavar="CAMPAIGN", help="Send what was refused of a campaign again, once the target is mended."),
    ] = None,
    seconds: Annotated[float, typer.Option("--seconds", min=1, help="With --send and --resend: how long to try.")] = 600.0,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Say which documents and decisions have not reached Tiled and Kafka yet, and why. Exit code 1 if any has not."""
    from orchestrator.bootstrap import sending

    with workplace(ctx, ledger) as place:
        if resend is not None:
            _ask_again(place, resend)
        if send or resend is not None:
            _send(place, seconds)
        found = {campaign: sending.document_standings(place, campaign) for campaign in sending.sent_campaigns(place)}
    if not found:
        say("no campaign's documents go anywhere; a site file says where: documents: {tiled: {uri: …}}")
    for campaign, standings in found.items():
        _tell(campaign, standings, as_json=as_json)
    if not all(standing.is_well and not standing.n_behind for standings in found.values() for standing in standings):
        raise typer.Exit(OTHER)


def _send(place: "Workplace", seconds: float) -> None:
    from orchestrator.bootstrap import sending

    wanted = sending.places()
    if wanted is None:
        raise BadInput("the site file names no place to send documents to; write documents: {tiled: {uri: …}} into it")
    with people_console().status("sending documents"):
        sending.finish(sending.start(place, wanted), seconds)


def _ask_again(place: "Workplace", wanted: str) -> None:
    from orchestrator.bootstrap import find, sending

    campaign = find(place, wanted)
    n_again = sending.resend(place, campaign)
    say(f"{campaign}: {n_again} refused {'run is' if n_again == 1 else 'runs are'} offered again")


def _tell(campaign: str, standings: "tuple[Standing, ...]", *, as_json: bool) -> None:
    for standing in standings:
        if as_json:
            print_json({"campaign": campaign, **standing.document()})
        else:
            tell(f"{campaign}: {standing}")
