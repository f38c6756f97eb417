"""Decision cards: every trial's why, what was expected, what came, and what spoke against it."""

from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.domain.campaign import CampaignState, Trial
from orchestrator.domain.history import objective_score
from orchestrator.domain.records import Acquisition, RunnerUp
from orchestrator.explanations.why_this_point import why_this_point
from orchestrator.queries.calibration import Comparison, comparisons
from orchestrator.queries.record import Attempt, CampaignRecord
from orchestrator.queries.times import show_brief
from orchestrator.queries.units import axis_unit, show_setting, signal_unit
from orchestrator.wording.numbers import show_number
from orchestrator.wording.worth import show_acquisition, show_worth

MOST_CARDS = 300
"""A longer campaign shows its latest trials and its best; ``nightshift log`` has them all."""


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One axis: where it was sent and where it was."""

    name: str
    setpoint: str
    readback: str


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """One objective: what was expected and what came."""

    name: str
    predicted: str
    measured: str
    surprise: str
    """How far off the prediction was, in standard deviations."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A point that was considered and not chosen."""

    point: str
    predicted: str
    acquisition: str


@dataclass(frozen=True, slots=True)
class Card:
    """What one trial's card shows, finished text only."""

    number: int
    kind: str
    status: str
    result: str
    badges: tuple[str, ...]
    why: str
    agent_words: str
    """Empty where the why above already quotes them."""
    acquisition: str
    settings: tuple[SettingRow, ...]
    outcomes: tuple[OutcomeRow, ...]
    readings: tuple[tuple[str, str], ...]
    alternatives: tuple[Alternative, ...]
    verdicts: tuple[str, ...]
    attempts: tuple[str, ...]
    run_uid: str
    seconds: str
    dead: str
    """How long the instrument stood idle before it; empty where that is not known."""


def cards(record: CampaignRecord) -> tuple[Card, ...]:
    """Return the cards to show, in the order of trials."""
    return tuple(_card(record, trial) for trial in chosen(record))


def chosen(record: CampaignRecord) -> tuple[Trial, ...]:
    """Return the latest trials, and the best in any case."""
    latest = record.trials[-MOST_CARDS:]
    best = record.state.best_trial
    if best is None or best in latest:
        return latest
    return (best, *latest[1:])


def _card(record: CampaignRecord, trial: Trial) -> Card:
    state = record.state
    seen = trial.observation
    acquisition = trial.evidence.acquisition
    attempts = record.attempts_at(trial.number)
    return Card(
        number=trial.number,
        kind=str(trial.kind),
        status=str(trial.status),
        result=_result(state, trial),
        badges=_badges(record, trial, attempts),
        why=why_this_point(state, trial.number, record.state_before(trial.number)),
        agent_words=trial.evidence.reason if trial.evidence.predicted else "",
        acquisition="" if acquisition is None else f"ranked {show_acquisition(acquisition)}",
        settings=tuple(_setting(state, trial, name) for name in trial.point),
        outcomes=_outcomes(state, trial),
        readings=tuple(_readings(state, trial)),
        alternatives=tuple(_alternative(state, acquisition, other) for other in trial.evidence.runners_up),
        verdicts=tuple(f"{one.guardian}: {one.answer}: {one.reason}" for one in trial.verdicts),
        attempts=tuple(_attempt(attempt) for attempt in attempts),
        run_uid="" if seen is None else seen.run_uid,
        seconds=", ".join(f"{step} {show_brief(seconds)}" for step, seconds in trial.evidence.seconds.items()),
        dead="" if seen is None or seen.dead_s is None else show_brief(seen.dead_s),
    )


def _result(state: CampaignState, trial: Trial) -> str:
    shown = [row.measured for row in _outcomes(state, trial) if row.measured]
    return ", ".join(shown)


def _badges(record: CampaignRecord, trial: Trial, attempts: Sequence[Attempt]) -> tuple[str, ...]:
    n_repeated = sum(attempt.outcome == "repeated" for attempt in attempts)
    badges = (
        ("best", trial.number == record.state.best),
        (f"measured again ×{n_repeated}", n_repeated > 0),
        ("fallback", trial.role == "fallback"),
        ("found after a crash", trial.observation is not None and trial.observation.is_adopted),
    )
    return tuple(text for text, is_true in badges if is_true)


def _setting(state: CampaignState, trial: Trial, name: str) -> SettingRow:
    unit = axis_unit(state, name)
    readback = None if trial.observation is None else trial.observation.readback.get(name)
    return SettingRow(name, show_setting(trial.point[name], unit), "" if readback is None else show_setting(readback, unit))


def _outcomes(state: CampaignState, trial: Trial) -> tuple[OutcomeRow, ...]:
    rows = []
    for objective in state.objectives:
        unit = objective.unit
        predicted = trial.evidence.predicted.get(objective.name)
        score = objective_score(trial, objective)
        expected = "" if predicted is None else show_number(predicted.mean, predicted.sd, unit)
        measured = "" if score is None else show_number(score.value, score.sd, unit)
        rows.append(OutcomeRow(objective.name, expected, measured, _surprise(comparisons([trial], objective))))
    return tuple(rows)


def _surprise(compared: Sequence[Comparison]) -> str:
    if not compared or compared[0].sd == 0:
        return ""
    return f"{(compared[0].measured - compared[0].predicted) / compared[0].sd:+.1f} sd"


def _readings(state: CampaignState, trial: Trial) -> list[tuple[str, str]]:
    seen = trial.observation
    if seen is None:
        return []
    scalars = [
        (name, "not finite" if value is None else show_number(value, seen.sds.get(name), signal_unit(state, name)))
        for name, value in seen.readings.items()
    ]
    arrays = [(name, f"{'×'.join(map(str, ref.shape))} values, artefact {ref.sha256[:12]}…") for name, ref in seen.arrays.items()]
    files = [(name, "; ".join(f"{ref.place}" for ref in refs)) for name, refs in seen.files.items()]
    return scalars + arrays + files


def _alternative(state: CampaignState, acquisition: Acquisition | None, other: RunnerUp) -> Alternative:
    point = ", ".join(f"{name} = {show_setting(value, axis_unit(state, name))}" for name, value in other.point.items())
    predicted = ", ".join(
        show_number(expected.mean, expected.sd, objective.unit)
        for objective in state.objectives
        if (expected := other.predicted.get(objective.name))
    )
    worth = "" if other.acquisition is None or acquisition is None else show_worth(acquisition, other.acquisition)
    return Alternative(point, predicted, worth)


def _attempt(attempt: Attempt) -> str:
    outcome = {"running": "no outcome recorded yet", "counts": "counts", "repeated": f"measured again: {attempt.reason}"}[attempt.outcome]
    return f"attempt {attempt.number}, {attempt.recorded_at:%H:%M:%S} UTC: {outcome}"
