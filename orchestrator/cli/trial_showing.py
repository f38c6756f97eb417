"""One trial for people: the point, what it gave, why it was chosen, what was said against it, and when all that was."""

from collections.abc import Iterator, Mapping

from orchestrator.cli.console import tell
from orchestrator.cli.tables import print_table
from orchestrator.domain.records import Answer, Observation, Prediction
from orchestrator.queries.moments import show_moment
from orchestrator.queries.times import show_brief
from orchestrator.queries.units import show_settings
from orchestrator.wire.trials import ShownScore, Trial, TrialDetail
from orchestrator.wording.numbers import show_number
from orchestrator.wording.worth import show_acquisition, show_worth


def print_trial(campaign: str, detail: TrialDetail) -> None:
    """Print everything known of one trial; the same from a ledger and from a server."""
    trial = detail.trial
    tell(f"{campaign}, trial {trial.trial}  {trial.status}{': ' + trial.note if trial.note else ''}")
    for label, value in _lines(detail):
        tell(f"  {label:<10}  {value}")
    if detail.evidence.runners_up:
        tell()
        _print_runners_up(detail)
    if detail.attempts:
        tell()
        _print_attempts(detail)


def _lines(detail: TrialDetail) -> Iterator[tuple[str, str]]:
    trial, seen, units = detail.trial, detail.observation, detail.units
    yield "point", show_settings(trial.point, units.point)
    if seen is not None and dict(seen.readback) != dict(trial.point):
        yield "read back", show_settings(seen.readback, units.point)
    yield "by", trial.agent if trial.role in ("agent", "human") else f"{trial.agent}, {trial.role}"
    yield "why", detail.explanation
    if detail.evidence.reason and detail.evidence.reason not in detail.explanation:
        yield "reason", detail.evidence.reason
    if detail.evidence.acquisition is not None:
        yield "ranked", show_acquisition(detail.evidence.acquisition)
    for name, score in trial.scores.items():
        yield from _scored(name, score, units.scores.get(name, ""))
    if seen is not None:
        yield from _observed(seen, units.readings)
    yield from _guardians(trial)
    yield from _times(trial, seen)


def _scored(name: str, score: ShownScore, unit: str) -> Iterator[tuple[str, str]]:
    expected = "" if score.predicted is None else show_number(score.predicted, score.predicted_sd, unit)
    if score.value is not None:
        yield "score", f"{name} = {show_number(score.value, score.sd, unit)}{', expected ' + expected if expected else ''}"
    elif expected:
        yield "expected", f"{name} = {expected}"


def _observed(seen: Observation, units: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if seen.readings:
        yield "readings", ", ".join(f"{name} = {_reading(seen, name, units.get(name, ''))}" for name in seen.readings)
    shapes = {name: ref.shape for name, ref in seen.arrays.items()} | {name: refs[0].shape for name, refs in seen.files.items()}
    if shapes:
        yield "arrays", ", ".join(f"{name} of {' × '.join(map(str, shape))}" for name, shape in shapes.items())


def _reading(seen: Observation, name: str, unit: str) -> str:
    value = seen.readings[name]
    if value is None:
        return f"not finite{' (' + seen.remarks[name] + ')' if name in seen.remarks else ''}"
    return show_number(value, seen.sds.get(name), unit)


def _guardians(trial: Trial) -> Iterator[tuple[str, str]]:
    """Yield what guardians said against it; the ledger's own line of the review has every allowance."""
    objections = [verdict for verdict in trial.verdicts if verdict.answer is not Answer.ALLOW]
    for verdict in objections:
        yield "guardians", f"{verdict.guardian} says {verdict.answer}: {verdict.reason}"
    if not objections and trial.status != "suggested":
        yield "guardians", "none objected"


def _times(trial: Trial, seen: Observation | None) -> Iterator[tuple[str, str]]:
    thinking = ", ".join(f"{step} {show_brief(seconds)}" for step, seconds in trial.seconds.items())
    yield "suggested", f"{show_moment(trial.suggested_at)}{'; thinking: ' + thinking if thinking else ''}"
    if seen is None:
        return
    took = show_brief((seen.finished_at - seen.started_at).total_seconds())
    dead = "" if seen.dead_s is None else f", dead time before it {show_brief(seen.dead_s)}"
    yield "measured", f"{show_moment(seen.started_at)}, in {took}; exposure {show_brief(seen.exposure_s)}{dead}"
    if seen.run_uid:
        adopted = "; found finished after a crash, not measured again" if seen.is_adopted else ""
        yield "run", f"{seen.run_uid}{'' if seen.scan_id is None else f', scan {seen.scan_id}'}{adopted}"


def _print_runners_up(detail: TrialDetail) -> None:
    units, evidence = detail.units, detail.evidence
    names = [name for name in detail.trial.scores if any(name in other.predicted for other in evidence.runners_up)]
    acquisition = "worth" if evidence.acquisition is None else evidence.acquisition.name
    rows = (
        (
            show_settings(other.point, units.point),
            *(_predicted(other.predicted.get(name), units.scores.get(name, "")) for name in names),
            "" if other.acquisition is None or evidence.acquisition is None else show_worth(evidence.acquisition, other.acquisition),
        )
        for other in evidence.runners_up
    )
    print_table(("runner-up", *(f"expected {name}" for name in names), acquisition), rows)


def _predicted(there: Prediction | None, unit: str) -> str:
    return "" if there is None else show_number(there.mean, there.sd, unit)


def _print_attempts(detail: TrialDetail) -> None:
    rows = ((str(each.number), show_moment(each.recorded_at), each.outcome, each.reason) for each in detail.attempts)
    print_table(("attempt", "recorded", "outcome", "why"), rows, right=("attempt",))
