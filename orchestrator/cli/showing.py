"""One campaign's state, for people and for programs."""

from collections.abc import Iterator
from typing import Any

from orchestrator.api.shown.front import shown_front
from orchestrator.cli.awaited import shown_awaited
from orchestrator.cli.console import tell, typed_name
from orchestrator.cli.front_showing import print_front
from orchestrator.cli.progress import n_done
from orchestrator.cli.samples_table import print_samples, samples_document
from orchestrator.cli.tables import print_table
from orchestrator.domain.analysis import waiting_since
from orchestrator.domain.campaign import CampaignState, Status, Trial, first_value
from orchestrator.domain.records import Answer, Verdict
from orchestrator.domain.samples import SamplesSpec
from orchestrator.domain.space import show_point
from orchestrator.queries import DeadFigures, latest_coverage, reference_drifts, show_dead
from orchestrator.queries.believed import believed_best
from orchestrator.queries.closing import best_and_believed, shown_score
from orchestrator.queries.night import night_figures
from orchestrator.queries.overview import shown_reason
from orchestrator.queries.samples import sample_rows
from orchestrator.queries.units import axis_units

_N_LATEST = 10


def document_of_state(
    campaign: str, state: CampaignState, dead: DeadFigures | None = None, documents: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return the line of ``show --json``."""
    best = state.best_trial
    return {
        "campaign": campaign,
        "name": state.spec.name,
        "status": str(state.shown_status),
        "reason": state.reason,
        "trials": state.n_counted,
        "scored": state.n_scored,
        "exposure_s": state.exposure_s,
        "dead_s": None if dead is None else dead.median_s,
        "dead_p95_s": None if dead is None else dead.p95_s,
        "best": None if best is None else {"point": dict(best.point), "score": first_value(best, state.objectives), "trial": best.number},
        "believed": believed_best(state),
        "front": None if (front := shown_front(state)) is None else front.model_dump(mode="json"),
        "awaiting": sorted(state.awaiting),
        "references": [drift.sentence for drift in reference_drifts(state)],
        "predictions": list(latest_coverage(state)),
        "documents": list(documents),
        "agent": state.spec.agent.type,
        "instrument": state.spec.instrument.type,
        "identity": state.instrument.identity,
        "budget": state.spec.budget.model_dump(mode="json", exclude_none=True),
        "seed": state.spec.seed,
        "seq": state.seq,
        "created_at": None if state.created_at is None else state.created_at.isoformat(),
        "updated_at": None if state.updated_at is None else state.updated_at.isoformat(),
        "samples": samples_document(sample_rows(state)),
        "latest": [_document_of_trial(trial) for trial in state.trials[-_N_LATEST:]],
    }


def print_state(
    campaign: str, state: CampaignState, dead: DeadFigures | None = None, documents: tuple[str, ...] = (), *, is_run: bool
) -> None:
    """Print status and reason, whether nobody runs it, best point, budget, dead time, what has not arrived, latest trials, verdicts."""
    reason = shown_reason(state)
    tell(f"{campaign}  {state.shown_status}{': ' + reason if reason else ''}")
    if state.status is Status.RUNNING and not is_run:
        tell(f"  nobody runs it; {typed_name()} resume {campaign} goes on")
    agent = "" if isinstance(state.spec, SamplesSpec) else f"agent {state.spec.agent.type}, "
    tell(f"  {agent}instrument {state.spec.instrument.type} {state.instrument.identity}".rstrip())
    tell(f"  budget {_spent(state)}")
    if state.spec.limits:
        tell(f"  limits {', '.join(limit.in_words(name) for name, limit in state.spec.limits.items())}")
    if not isinstance(state.spec, SamplesSpec):
        tell(f"  best {best_and_believed(state)}")
    if dead is not None:
        tell(f"  dead time {show_dead(dead)}")
    if state.awaiting:
        tell(f"  analysis {shown_awaited(tuple(sorted(state.awaiting)), len(state.awaiting), waiting_since(state))}")
    for drift in reference_drifts(state):
        tell(f"  {drift.sentence}")
    for prediction in latest_coverage(state):
        tell(f"  {prediction}")
    figures = night_figures(state)
    print_samples(sample_rows(state), "" if figures is None else figures.sentence)
    for amiss in documents:
        tell(f"  documents {amiss}")
    _print_front(state)
    if not state.trials:
        return
    tell()
    columns = ("trial", "status", "point", "score", "tries", "by")
    print_table(columns, (_row(trial, state) for trial in state.trials[-_N_LATEST:]), right=("trial", "tries"))
    for line in _verdict_lines(state):
        tell(line)


def _print_front(state: CampaignState) -> None:
    print_front(shown_front(state), state.objectives, axis_units(state, state.spec.space))


def _spent(state: CampaignState) -> str:
    budget = state.spec.budget
    n = n_done(state)
    parts = [f"{n} trials" if budget.trials is None else f"{n} of {budget.trials} trials"]
    if budget.exposure is not None:
        parts.append(f"{state.exposure_s:g} of {budget.exposure:g} s exposure")
    if budget.dose is not None:
        parts.append(f"dose {state.dose:.6g} of {budget.dose:g} {state.instrument.dose_unit}".rstrip())
    if state.ends_at is not None:
        parts.append(f"until {state.ends_at.astimezone():%Y-%m-%d %H:%M}")
    return ", ".join(parts)


def _row(trial: Trial, state: CampaignState) -> tuple[str, ...]:
    status = f"{trial.status}: {trial.note}" if trial.note else str(trial.status)
    return str(trial.number), status, show_point(trial.point), shown_score(trial, state.objectives), str(trial.attempt), trial.agent


def _verdict_lines(state: CampaignState) -> Iterator[str]:
    """Yield what guardians said against the latest trials; an allowed trial needs no words."""
    for trial in state.trials[-_N_LATEST:]:
        for verdict in _refusals(trial):
            yield f"  trial {trial.number}: {verdict.guardian} says {verdict.answer}: {verdict.reason}"


def _refusals(trial: Trial) -> tuple[Verdict, ...]:
    return tuple(verdict for verdict in trial.verdicts if verdict.answer is not Answer.ALLOW)


def _document_of_trial(trial: Trial) -> dict[str, Any]:
    return {
        "trial": trial.number,
        "kind": str(trial.kind),
        "status": str(trial.status),
        "point": dict(trial.point),
        "agent": trial.agent,
        "attempts": trial.attempt,
        "score": None if trial.score is None else trial.score.model_dump(mode="json")["objectives"],
        "verdicts": [verdict.model_dump(mode="json") for verdict in _refusals(trial)],
        "note": trial.note,
        "dead_s": None if trial.observation is None else trial.observation.dead_s,
    }
