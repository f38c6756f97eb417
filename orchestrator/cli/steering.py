"""pause, stop, abort, approve, veto: from any terminal, while the campaign runs or after."""

import getpass
from typing import Annotated

import typer

from orchestrator.cli.console import print_json, say
from orchestrator.cli.options import CampaignArgument, JsonOption, LedgerOption, workplace

NoteOption = Annotated[str, typer.Option("--note", help="Why; kept in the ledger.", show_default=False)]
TrialArgument = Annotated[
    int | None, typer.Argument(metavar="TRIAL", min=1, help="Counted from 1; default: the one that waits.", show_default=False)
]


def pause(
    ctx: typer.Context,
    campaign: CampaignArgument,
    now: Annotated[bool, typer.Option("--now", help="Interrupt the trial in progress; the campaign's on_ambiguous then applies.")] = False,
    note: NoteOption = "",
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Pause a campaign at the next trial boundary; its process stays."""
    _order(ctx, "pause", campaign, ledger, as_json, note=note, is_now=now)


def stop(
    ctx: typer.Context, campaign: CampaignArgument, note: NoteOption = "", as_json: JsonOption = False, ledger: LedgerOption = None
) -> None:
    """Stop a campaign; it can be resumed."""
    _order(ctx, "stop", campaign, ledger, as_json, note=note)


def abort(
    ctx: typer.Context, campaign: CampaignArgument, note: NoteOption = "", as_json: JsonOption = False, ledger: LedgerOption = None
) -> None:
    """End a campaign for good."""
    _order(ctx, "abort", campaign, ledger, as_json, note=note)


def approve(
    ctx: typer.Context,
    campaign: CampaignArgument,
    trial: TrialArgument = None,
    note: NoteOption = "",
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Let a held suggestion be measured."""
    _order(ctx, "approve", campaign, ledger, as_json, trial=trial, note=note)


def veto(
    ctx: typer.Context,
    campaign: CampaignArgument,
    trial: TrialArgument = None,
    note: NoteOption = "",
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Refuse a held suggestion; the agent suggests another point."""
    _order(ctx, "veto", campaign, ledger, as_json, trial=trial, note=note)


def _order(
    ctx: typer.Context,
    verb: str,
    wanted: str,
    ledger: str | None,
    as_json: bool,
    *,
    trial: int | None = None,
    note: str = "",
    is_now: bool = False,
) -> None:
    from orchestrator import bootstrap

    with workplace(ctx, ledger) as place:
        campaign = bootstrap.find(place, wanted)
        answer = bootstrap.order(place, verb, campaign, trial=trial, note=note, is_now=is_now, actor=f"human:{getpass.getuser()}")
    say(answer.text)
    if as_json:
        print_json({"campaign": campaign, "verb": verb, "trial": trial, "answer": answer.text})
