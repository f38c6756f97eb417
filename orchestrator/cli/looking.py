"""list, show, log."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli.console import print_json, say, tell, typed_name
from orchestrator.cli.desks import Desk, desk
from orchestrator.cli.options import CampaignArgument, JsonOption, LedgerOption

if TYPE_CHECKING:
    from orchestrator.domain.events import LedgerEvent
    from orchestrator.domain.ports import Summary
    from orchestrator.wire.trials import TrialDetail

_POLL_SECONDS = 0.5


def list_campaigns(
    ctx: typer.Context,
    parts: Annotated[bool, typer.Option("--parts", help="Also every sample's stages, of campaigns over samples.")] = False,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """List the campaigns in the ledger, newest first."""
    from orchestrator.cli.tables import print_campaigns
    from orchestrator.domain.parts import is_part

    with desk(ctx, ledger) as at:
        summaries = tuple(summary for summary in at.summaries() if parts or not is_part(summary.campaign))
        if as_json:
            for summary in summaries:
                print_json(document_of_summary(summary))
        elif summaries:
            print_campaigns(summaries, at.is_run)
        else:
            say(f"no campaigns in {at.place}; `{typed_name()} run crossed-barrel` makes one")


def show(
    ctx: typer.Context,
    campaign: CampaignArgument,
    trial: Annotated[
        int | None, typer.Argument(metavar="TRIAL", help="A trial's number: why this point, and what it gave.", show_default=False)
    ] = None,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Show one campaign: status and why, best point, latest trials, what guardians said. With a number: all about that trial."""
    with desk(ctx, ledger) as at:
        found = at.find(campaign)
        if trial is not None:
            _show_trial(found, at.trial(found, trial), as_json=as_json)
        elif as_json:
            print_json(at.document(found))
        else:
            at.show(found)


def _show_trial(campaign: str, detail: "TrialDetail", *, as_json: bool) -> None:
    if as_json:
        print_json({"campaign": campaign, **detail.model_dump(mode="json")})
    else:
        from orchestrator.cli.trial_showing import print_trial

        print_trial(campaign, detail)


def log(
    ctx: typer.Context,
    campaign: CampaignArgument,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    after: Annotated[int, typer.Option("--after", min=0, help="Leave out events up to this sequence number.")] = 0,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Print a campaign's ledger events; 'system' for logins, refusals and notes. Times are local, with their distance from UTC."""
    from orchestrator.cli.sentences import line_of
    from orchestrator.queries.raw import event_document

    with desk(ctx, ledger) as at:
        stream = campaign if campaign == "system" else at.find(campaign)
        for event in _events(at, stream, after, follow):
            if as_json:
                print_json(event_document(event))
            else:
                tell(line_of(event))


def _events(at: Desk, stream: str, after: int, follow: bool) -> "Iterator[LedgerEvent]":
    while True:
        for event in at.events(stream, after):
            after = event.seq
            yield event
        if not follow:
            return
        time.sleep(_POLL_SECONDS)


def document_of_summary(summary: "Summary") -> dict[str, Any]:
    """Return one line of ``list --json``."""
    best = None if summary.best_point is None else {"point": dict(summary.best_point), "score": summary.best_score}
    return {
        "campaign": summary.campaign,
        "name": summary.name,
        "status": summary.status,
        "trials": summary.trials,
        "best": best,
        "reason": summary.reason,
        "seq": summary.seq,
        "head": summary.head,
        "created_at": summary.created_at.isoformat(),
        "updated_at": summary.updated_at.isoformat(),
    }
