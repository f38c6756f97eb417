"""predict."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.console import say
from orchestrator.cli.desks import Desk, desk
from orchestrator.cli.options import CampaignArgument, LedgerOption
from orchestrator.cli.proving import OutOption, writable

if TYPE_CHECKING:
    from orchestrator.wire.trials import Posterior


def predict(
    ctx: typer.Context,
    campaign: CampaignArgument,
    x: Annotated[str | None, typer.Option(help="A parameter. Default: the first two that are numbers.", show_default=False)] = None,
    y: Annotated[str | None, typer.Option(help="A second one, for a map.", show_default=False)] = None,
    objective: Annotated[str | None, typer.Option(help="Default: the first.", show_default=False)] = None,
    n: Annotated[int | None, typer.Option(min=2, max=200, help="Points along each; at most 60 for a map.", show_default="40")] = None,
    trial: Annotated[int | None, typer.Option(min=1, help="Whose decision. Default: the latest with a model.", show_default=False)] = None,
    output: OutOption = None,
    ledger: LedgerOption = None,
) -> None:
    """Write what the agent's model expects along one or two parameters, and how sure it is, as a table: CSV. Measures nothing."""
    with desk(ctx, ledger) as at:
        found = at.find(campaign)
        if x is None and y is None:
            x, y = _first_two_numbers(at, found, trial or 1)
        believed = at.posterior(found, trial=trial, objective=objective, x=x, y=y, n=n)
    from orchestrator.exports.predicted import write_predicted

    path = writable(output or Path(f"{found}-predicted.csv"))
    write_predicted(believed, path)
    say(f"wrote {path}: {_what(believed)}")


def _first_two_numbers(at: Desk, campaign: str, trial: int) -> tuple[str | None, str | None]:
    numbers = [name for name, value in at.trial(campaign, trial).trial.point.items() if not isinstance(value, str)]
    first, second, *_ = (*numbers, None, None)
    return first, second


def _what(believed: "Posterior") -> str:
    """Return what the table holds, as people say it."""
    along = believed.x_name if believed.y_name is None else f"{believed.x_name} and {believed.y_name}"
    held = "".join(f", {name} held at {value}" for name, value in believed.others.items())
    return f"{believed.objective} along {along}{held}, as expected when trial {believed.trial} was chosen"
