"""One campaign as a server tells it, in the words and keys of ``nightshift show`` on a ledger."""

from typing import Any

from orchestrator.cli.awaited import shown_awaited
from orchestrator.cli.console import tell
from orchestrator.cli.front_showing import print_front
from orchestrator.cli.samples_table import print_samples, samples_document
from orchestrator.cli.tables import print_table
from orchestrator.domain.records import Answer
from orchestrator.domain.space import show_point
from orchestrator.domain.spec import CampaignSpec
from orchestrator.queries import DeadFigures, show_dead
from orchestrator.queries.units import show_setting
from orchestrator.wire.campaigns import CampaignStatus, Spent
from orchestrator.wire.trials import Trial
from orchestrator.wire.waiting import AnalysisWait, AwaitedTrial


def document_of_status(
    status: CampaignStatus, latest: tuple[Trial, ...], spec: CampaignSpec, identity: str, awaiting: tuple[AwaitedTrial, ...] = ()
) -> dict[str, Any]:
    """Return the line of ``show --json``, with the keys it has on a ledger.

    Args:
        status: From the server.
        latest: The last trials, in order.
        spec: As it is in force now.
        identity: The instrument's, empty when it is private.
        awaiting: The trials that wait for their analysis.
    """
    best = status.best
    return {
        "campaign": status.campaign,
        "name": status.name,
        "status": status.status,
        "reason": status.reason,
        "trials": _used(status, "trials"),
        "scored": status.n_scored,
        "exposure_s": _used(status, "exposure"),
        "dead_s": status.dead_s,
        "dead_p95_s": status.dead_p95_s,
        "best": None if best is None else {"point": dict(best.point), "score": best.value, "trial": best.trial},
        "believed": status.believed,
        "front": None if status.front is None else status.front.model_dump(mode="json"),
        "awaiting": [trial.trial for trial in awaiting],
        "references": [reference.sentence for reference in status.references],
        "predictions": list(status.predictions),
        "documents": list(status.documents),
        "agent": status.agent,
        "instrument": status.instrument,
        "identity": identity,
        "budget": spec.budget.model_dump(mode="json", exclude_none=True),
        "seed": spec.seed,
        "seq": status.seq,
        "created_at": _written(status.created_at),
        "updated_at": _written(status.updated_at),
        "samples": samples_document(status.samples),
        "latest": [_document_of_trial(trial) for trial in latest],
    }


def _used(status: CampaignStatus, name: str) -> float | int:
    used = next((spent.used for spent in status.spent if spent.name == name), 0.0)
    return int(used) if name == "trials" else used


def print_status(status: CampaignStatus, latest: tuple[Trial, ...]) -> None:
    """Print the verdict, best point, budget, latest trials and what guardians said."""
    tell(f"{status.campaign}  {status.status}{': ' + status.reason if status.reason else ''}")
    tell(f"  {status.standing.sentence}{' ' + status.standing.next if status.standing.next else ''}")
    tell(f"  {'' if status.night else f'agent {status.agent}, '}instrument {status.instrument}")
    tell(f"  budget {', '.join(map(shown_spent, status.spent))}")
    if status.night is None:
        tell(f"  best {shown_best(status)}{'; ' + status.believed if status.believed else ''}")
    if status.dead_s is not None:
        tell(f"  dead time {shown_dead(status)}")
    if status.analysis is not None:
        tell(f"  analysis {shown_analysis(status.analysis)}")
    for reference in status.references:
        tell(f"  {reference.sentence}")
    for prediction in status.predictions:
        tell(f"  {prediction}")
    print_samples(status.samples, "" if status.night is None else status.night.sentence)
    for amiss in status.documents:
        tell(f"  documents {amiss}")
    print_front(status.front, status.objectives, {parameter.name: parameter.unit for parameter in status.space})
    if not latest:
        return
    tell()
    columns = ("trial", "status", "point", "score", "tries", "by")
    print_table(columns, (_row(trial, status) for trial in latest), right=("trial", "tries"))
    for trial in latest:
        for verdict in trial.verdicts:
            if verdict.answer is not Answer.ALLOW:
                tell(f"  trial {trial.trial}: {verdict.guardian} says {verdict.answer}: {verdict.reason}")


def shown_best(status: CampaignStatus) -> str:
    """Return ``flux = 12.3 nA at pitch = 3.04 (trial 9)``."""
    best = status.best
    if best is None:
        return "nothing scored yet"
    objective = status.objectives[0] if status.objectives else None
    value = f"{best.value:.6g}" if objective is None else f"{objective.name} = {best.value:.6g} {objective.unit}".rstrip()
    return f"{value} at {show_point(best.point)} (trial {best.trial})"


def shown_dead(status: CampaignStatus) -> str:
    """Return ``23 ms, 95 % within 41 ms``; a dash before the second measurement."""
    if status.dead_s is None or status.dead_p95_s is None:
        return "–"
    return show_dead(DeadFigures(status.dead_s, status.dead_p95_s))


def shown_score(trial: Trial, status: CampaignStatus) -> str:
    """Return what a trial gave, with names and units; empty while it has no score."""
    scores = [(objective, trial.scores.get(objective.name)) for objective in status.objectives]
    told = ((objective, score.value) for objective, score in scores if score is not None and score.value is not None)
    return ", ".join(f"{objective.name} = {show_setting(value, objective.unit)}" for objective, value in told)


def shown_analysis(wait: AnalysisWait) -> str:
    """Return ``of trials 3, 5 and 8 is awaited, the longest since 03:12``."""
    return shown_awaited(wait.trials, wait.n, wait.since)


def shown_spent(spent: Spent) -> str:
    """Return ``12 of 40 trials`` or ``90 of 3600 s exposure``."""
    unit = "" if spent.name == "trials" else f" {spent.unit}".rstrip()
    limit = "" if spent.limit is None else f" of {spent.limit:g}"
    return f"{spent.used:g}{limit}{unit} {spent.name.replace('_', ' ')}"


def _row(trial: Trial, status: CampaignStatus) -> tuple[str, ...]:
    what = f"{trial.status}: {trial.note}" if trial.note else trial.status
    return str(trial.trial), what, show_point(trial.point), shown_score(trial, status), str(trial.attempts), trial.agent


def _document_of_trial(trial: Trial) -> dict[str, Any]:
    return {
        "trial": trial.trial,
        "kind": trial.kind,
        "status": trial.status,
        "point": dict(trial.point),
        "agent": trial.agent,
        "attempts": trial.attempts,
        "score": {name: {"value": score.value, "sd": score.sd} for name, score in trial.scores.items() if score.value is not None} or None,
        "verdicts": [verdict.model_dump(mode="json") for verdict in trial.verdicts],
        "note": trial.note,
        "dead_s": trial.dead_s,
    }


def _written(moment: Any) -> str | None:
    return None if moment is None else moment.isoformat()
