"""How a run ended, for people and for programs."""

from collections.abc import Iterator
from typing import Any

from orchestrator.bootstrap.outcome import Outcome
from orchestrator.cli.console import typed_name
from orchestrator.cli.samples_table import sample_lines
from orchestrator.domain.campaign import Status
from orchestrator.wording import in_words


def document_of(outcome: Outcome) -> dict[str, Any]:
    """Return the last line of ``run --json``."""
    best = None if outcome.best_point is None else {"point": dict(outcome.best_point), "score": outcome.best_score}
    return {
        "campaign": outcome.campaign,
        "status": str(outcome.status),
        "trials": outcome.trials,
        "best": best,
        "wall_s": round(outcome.wall_s, 3),
        "head": outcome.head,
        "reason": outcome.reason,
        "report": None if outcome.report is None else str(outcome.report),
        "documents": list(outcome.documents),
    }


def lines_of(outcome: Outcome) -> Iterator[str]:
    """Yield what people want to know at the end: what was found, the report, what to do next."""
    reason = f": {outcome.reason}" if outcome.reason else ""
    yield f"{outcome.campaign} {outcome.status}{reason}"
    yield f"  {_how_far(outcome)}"
    if outcome.samples:
        yield from (f"  {line}" for line in sample_lines(outcome.samples))
    else:
        yield from (f"  {line}" for line in outcome.found or ("no trial was scored yet",))
    if outcome.report is not None:
        yield f"  report {outcome.report}"
    yield from (f"  documents {amiss}" for amiss in outcome.documents)
    yield f"  head   {outcome.head}"
    yield "next:"
    yield from (f"  {typed_name()} {command}" for command in _next_commands(outcome))


def _how_far(outcome: Outcome) -> str:
    """Return the trials in all, and how long this runner took, which may have come in late or not at all."""
    trials = f"{outcome.trials} trial{'' if outcome.trials == 1 else 's'} in all"
    return f"{trials}, {in_words(outcome.wall_s)} in this run" if outcome.wall_s else trials


def _next_commands(outcome: Outcome) -> Iterator[str]:
    campaign = outcome.campaign
    match outcome.status:
        case Status.COMPLETED | Status.ABORTED:
            yield f"show {campaign}"
            if outcome.report is None:
                yield f"report {campaign} -o report.html"
            yield f"export {campaign} -o table.csv"
            yield f"replay {campaign}"
        case Status.HELD:
            yield f"approve {campaign}      or veto {campaign} --note '…'"
            yield f"resume {campaign}"
            yield f"show {campaign}"
        case Status.RUNNING:
            yield f"log {campaign} --follow"
            yield f"show {campaign}"
        case _:
            yield f"resume {campaign}"
            yield f"show {campaign}"
    yield f"verify {campaign} --head {outcome.head}"
