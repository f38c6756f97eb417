"""note, suggest, edit, fix, release, limits, budget, switch: people in the loop. Each is a ledger event with who and why."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli.desks import desk
from orchestrator.cli.options import CampaignArgument, JsonOption, LedgerOption
from orchestrator.cli.steering import NoteOption, order_at
from orchestrator.domain.errors import BadInput, WrongState

if TYPE_CHECKING:
    from pydantic import JsonValue

    from orchestrator.domain.base import Setting
    from orchestrator.domain.changes import Change

PointArgument = Annotated[list[str], typer.Argument(metavar="NAME=VALUE…", help="A value for each parameter.", show_default=False)]
NameArgument = Annotated[str, typer.Argument(metavar="PARAMETER", show_default=False)]


def note(
    ctx: typer.Context,
    campaign: CampaignArgument,
    text: Annotated[str, typer.Argument(metavar="TEXT", show_default=False)],
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Leave a note beside what happened; also on a campaign that is over."""
    with desk(ctx, ledger) as at:
        order_at(at, "note", at.find(campaign), as_json, content={"text": text})


def suggest(
    ctx: typer.Context,
    campaign: CampaignArgument,
    point: PointArgument,
    note: NoteOption = "",
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Have a point measured next. Fixed parameters may be left out."""
    given = _settings(point, "suggest last x=1.5 filter=Al")
    with desk(ctx, ledger) as at:
        found = at.find(campaign)
        whole: dict[str, JsonValue] = {**at.spec(found).fixed, **given}
        order_at(at, "suggest", found, as_json, note=note, content={"point": whole})


def edit(
    ctx: typer.Context,
    campaign: CampaignArgument,
    trial: Annotated[int, typer.Argument(metavar="TRIAL", min=1, help="The one that waits.", show_default=False)],
    point: PointArgument,
    note: NoteOption = "",
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Measure another point instead of the held one; what is left out stays. Guardians review it again."""
    given = _settings(point, "edit last 12 x=1.5")
    with desk(ctx, ledger) as at:
        found = at.find(campaign)
        waiting = at.waiting(found)
        if waiting is None:
            raise WrongState(f"campaign {found} has no suggestion waiting for approval; see nightshift show {found}")
        whole: dict[str, JsonValue] = {**waiting.point, **given}
        order_at(at, "edit", found, as_json, trial=trial, note=note, content={"point": whole})


def fix(
    ctx: typer.Context,
    campaign: CampaignArgument,
    setting: Annotated[str, typer.Argument(metavar="PARAMETER=VALUE", show_default=False)],
    note: NoteOption = "",
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Keep a parameter at one value; the agent searches the others."""
    from orchestrator.domain.changes import FixParameter

    ((parameter, value),) = _settings([setting], "fix last x=1.5").items()
    _change(ctx, campaign, FixParameter(parameter=parameter, value=value), note, as_json, ledger)


def release(
    ctx: typer.Context,
    campaign: CampaignArgument,
    parameter: NameArgument,
    note: NoteOption = "",
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Let the agent search a fixed parameter again."""
    from orchestrator.domain.changes import ReleaseParameter

    _change(ctx, campaign, ReleaseParameter(parameter=parameter), note, as_json, ledger)


def limits(
    ctx: typer.Context,
    campaign: CampaignArgument,
    parameter: NameArgument,
    low: Annotated[float, typer.Argument(metavar="LOW", show_default=False)],
    high: Annotated[float, typer.Argument(metavar="HIGH", show_default=False)],
    note: NoteOption = "",
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Search a parameter between other limits. Write -- before negative numbers."""
    from orchestrator.domain.changes import SetLimits

    _change(ctx, campaign, SetLimits(parameter=parameter, lower=low, upper=high), note, as_json, ledger)


def switch(
    ctx: typer.Context,
    campaign: CampaignArgument,
    agent: Annotated[str, typer.Argument(metavar="AGENT", help="See nightshift plugins.", show_default=False)],
    settings: Annotated[list[str] | None, typer.Argument(metavar="[NAME=VALUE…]", help="Its settings.", show_default=False)] = None,
    note: NoteOption = "",
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Let another agent choose from now on; it sees everything measured so far."""
    from orchestrator.domain.changes import SwitchAgent

    given = _values(settings or [], "switch last bayesian n_initial=8")
    _change(ctx, campaign, _checked(SwitchAgent, {"agent": {"type": agent, **given}}), note, as_json, ledger)


def budget(
    ctx: typer.Context,
    campaign: CampaignArgument,
    parts: Annotated[
        list[str], typer.Argument(metavar="NAME=VALUE…", help="trials, wall_time, until, exposure, dose.", show_default=False)
    ],
    note: NoteOption = "",
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Spend more or less: nightshift budget last trials=80 until=07:30. Others stay; null takes a limit away."""
    from orchestrator.domain.changes import SetBudget

    given = _values(parts, "budget last trials=80")
    with desk(ctx, ledger) as at:
        found = at.find(campaign)
        whole = {**at.spec(found).budget.model_dump(mode="json"), **given}
        change = _checked(SetBudget, {"budget": whole})
        order_at(at, "amend", found, as_json, note=note, content={"change": change.model_dump(mode="json")})


def _change(ctx: typer.Context, campaign: str, change: "Change", note: str, as_json: bool, ledger: str | None) -> None:
    with desk(ctx, ledger) as at:
        order_at(at, "amend", at.find(campaign), as_json, note=note, content={"change": change.model_dump(mode="json")})


def _checked(change: Any, written: Mapping[str, Any]) -> Any:
    """Return a change. Raises BadInput that names what is wrong with what was typed."""
    from pydantic import ValidationError

    from orchestrator.wording import dotted
    from orchestrator.wording.explaining import explain

    try:
        return change.model_validate(written)
    except ValidationError as error:
        first = explain(error, written, change)[0]
        raise BadInput(f"{dotted(first.path)}{first.text}") from None


def _settings(written: Sequence[str], example: str) -> "dict[str, Setting]":
    """Return settings by parameter: numbers where they read as numbers, names otherwise."""
    values = _values(written, example)
    return {name: value if isinstance(value, int | float) and not isinstance(value, bool) else str(value) for name, value in values.items()}


def _values(written: Sequence[str], example: str) -> dict[str, Any]:
    from orchestrator.campaign_file.reading import parse_value

    values: dict[str, Any] = {}
    for each in written:
        name, equals, value = each.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise BadInput(f"{each!r} is no NAME=VALUE; write it as nightshift {example}")
        values[name.strip()] = parse_value(value, each)
    return values
