"""score: what an analysis found, minutes or hours after the measurement."""

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli.desks import desk
from orchestrator.cli.options import CampaignArgument, JsonOption, LedgerOption
from orchestrator.cli.steering import NoteOption, order_at
from orchestrator.domain.errors import BadInput

if TYPE_CHECKING:
    from orchestrator.domain.analysis import AnalysisAnswer

_VALUE = re.compile(r"(?:(?P<name>[A-Za-z][A-Za-z0-9_.-]*)=)?(?P<value>[^±=]+?)(?:(?:±|\+/?-)(?P<sd>[^±=]+))?")
_EXAMPLE = "0.83, 0.83+-0.02, or NAME=0.83 for each of several objectives"


def score(
    ctx: typer.Context,
    campaign: CampaignArgument,
    trial: Annotated[int, typer.Argument(metavar="TRIAL", min=1, help="The one that was analysed.", show_default=False)],
    values: Annotated[list[str] | None, typer.Argument(metavar="VALUE…", help=f"Written as {_EXAMPLE}.", show_default=False)] = None,
    sd: Annotated[float | None, typer.Option("--sd", min=0.0, help="Standard deviation of a single value.", show_default=False)] = None,
    failed: Annotated[
        str, typer.Option("--failed", metavar="WHY", help="Instead of a value: there will be none.", show_default=False)
    ] = "",
    correct: Annotated[bool, typer.Option("--correct", help="Replace the score there is; say why with --note.")] = False,
    run_uid: Annotated[
        str, typer.Option("--run", metavar="UID", help="The run that was analysed; refused where another counts.", show_default=False)
    ] = "",
    note: NoteOption = "",
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Tell what the analysis of a trial found; also hours later, and in any order."""
    answer = _answer({"scores": _scores(values or [], sd), "failed": failed, "run_uid": run_uid, "is_correction": correct})
    with desk(ctx, ledger) as at:
        order_at(at, "score", at.find(campaign), as_json, trial=trial, note=note, content=answer.model_dump(mode="json"))


def _answer(written: dict[str, Any]) -> "AnalysisAnswer":
    from pydantic import ValidationError

    from orchestrator.domain.analysis import AnalysisAnswer

    try:
        return AnalysisAnswer.model_validate(written)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(f"{first['msg'].removeprefix('Value error, ')}: write {_EXAMPLE}; or --failed WHY") from None


def _scores(written: list[str], sd: float | None) -> dict[str, Any]:
    scores = dict(map(_score, written))
    if len(scores) != len(written):
        raise BadInput(f"{' '.join(written)}: one objective is given twice; write {_EXAMPLE}")
    if sd is not None:
        if len(scores) != 1:
            raise BadInput("--sd belongs to a single value; write NAME=0.83+-0.02 for each of several")
        scores = {name: {**score, "sd": sd} for name, score in scores.items()}
    return scores


def _score(written: str) -> tuple[str, dict[str, float]]:
    """Return an objective's name, empty where none is given, with its value and sd. Raises BadInput for anything else."""
    found = _VALUE.fullmatch(written.strip())
    try:
        parts = {} if found is None else {key: float(found[key]) for key in ("value", "sd") if found[key] is not None}
    except ValueError:
        parts = {}
    if found is None or not parts:
        raise BadInput(f"{written!r} is no value; write it as {_EXAMPLE}")
    return found["name"] or "", parts
