"""skip: leave one sample of a campaign over samples."""

from typing import Annotated

import typer

from orchestrator.cli.desks import desk
from orchestrator.cli.options import CampaignArgument, JsonOption, LedgerOption
from orchestrator.cli.steering import NoteOption, order_at

SampleArgument = Annotated[str, typer.Argument(metavar="SAMPLE", help="The sample's id.", show_default=False)]


def skip(
    ctx: typer.Context,
    campaign: CampaignArgument,
    sample: SampleArgument,
    note: NoteOption = "",
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Leave a sample: what of it runs now ends, the rest of its stages is not run, and the next sample begins."""
    with desk(ctx, ledger) as at:
        order_at(at, "skip", at.find(campaign), as_json, note=note, content={"sample": sample})
