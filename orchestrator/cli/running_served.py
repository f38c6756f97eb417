"""run --serve: the campaign in the terminal, as ``watch`` shows it, and on a page beside it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from orchestrator.cli.console import say
from orchestrator.cli.options import workplace
from orchestrator.cli.watching import show_frames

if TYPE_CHECKING:
    from orchestrator.bootstrap import Outcome, Workplace
    from orchestrator.campaign_file import CampaignFile
    from orchestrator.cli.frames import Frame
    from orchestrator.serving.one_campaign import ServedCampaign

_HINT = "Ctrl-C pauses after this trial"


def run_served(ctx: typer.Context, file: "CampaignFile", port: int, ledger: str | None) -> "Outcome":
    """Run a campaign with its page on a port of this machine; return how it ended."""
    from orchestrator.api.options import ServeOptions
    from orchestrator.bootstrap.outcome import Switch
    from orchestrator.cli.interrupting import obeying_signals
    from orchestrator.serving.one_campaign import serve_one
    from orchestrator.serving.order import ServeOrder

    switch, order = Switch(), ServeOrder(ledger or ctx.obj, ServeOptions(), port=port)
    with workplace(ctx, ledger) as place, serve_one(place, order, file, switch, say) as served:
        with obeying_signals(switch, is_idle=lambda: served.is_idle, tell=served.notice):
            show_frames(_frames(place, served), _HINT)
            while not served.is_over:
                served.work(1.0)
        return served.outcome()


def _frames(place: "Workplace", served: "ServedCampaign") -> "Iterator[Frame]":
    """Yield how the campaign stands until its engine has ended; between two frames the server does its work."""
    from orchestrator.cli.frames import ledger_frames

    for frame in ledger_frames(place, served.campaign, sleep=served.work):
        yield frame
        if served.is_over:
            return
