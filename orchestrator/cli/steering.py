"""pause, stop, abort, approve, veto: from any terminal, while the campaign runs or after."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.console import print_json, say
from orchestrator.cli.desks import Desk, desk
from orchestrator.cli.options import CampaignArgument, JsonOption, LedgerOption

if TYPE_CHECKING:
    from pydantic import JsonValue

    from orchestrator.domain.ports import Verb

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
    order(ctx, "pause", campaign, ledger, as_json, note=note, is_now=now)


def stop(
    ctx: typer.Context, campaign: CampaignArgument, note: NoteOption = "", as_json: JsonOption = False, ledger: LedgerOption = None
) -> None:
    """Stop a campaign; it can be resumed."""
    order(ctx, "stop", campaign, ledger, as_json, note=note)


def abort(
    ctx: typer.Context, campaign: CampaignArgument, note: NoteOption = "", as_json: JsonOption = False, ledger: LedgerOption = None
) -> None:
    """End a campaign for good."""
    order(ctx, "abort", campaign, ledger, as_json, note=note)


def approve(
    ctx: typer.Context,
    campaign: CampaignArgument,
    trial: TrialArgument = None,
    note: NoteOption = "",
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Let a held suggestion be measured."""
    order(ctx, "approve", campaign, ledger, as_json, trial=trial, note=note)


def veto(
    ctx: typer.Context,
    campaign: CampaignArgument,
    trial: TrialArgument = None,
    note: NoteOption = "",
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Refuse a held suggestion; the agent suggests another point."""
    order(ctx, "veto", campaign, ledger, as_json, trial=trial, note=note)


def order(
    ctx: typer.Context,
    verb: "Verb",
    wanted: str,
    ledger: str | None,
    as_json: bool,
    *,
    trial: int | None = None,
    note: str = "",
    is_now: bool = False,
) -> None:
    """Send an order to the campaign that is meant, and say what became of it."""
    with desk(ctx, ledger) as at:
        order_at(at, verb, at.find(wanted), as_json, trial=trial, note=note, is_now=is_now)


def order_at(
    at: Desk,
    verb: "Verb",
    campaign: str,
    as_json: bool,
    *,
    trial: int | None = None,
    note: str = "",
    is_now: bool = False,
    content: "Mapping[str, JsonValue] | None" = None,
) -> None:
    answer = at.order(verb, campaign, trial=trial, note=note, is_now=is_now, content=content)
    say(answer)
    if as_json:
        print_json({"campaign": campaign, "verb": verb, "trial": trial, "answer": answer})
