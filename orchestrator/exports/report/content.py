"""Everything the report says, as finished text and drawings; the template only arranges it."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from orchestrator.domain.campaign import CampaignState, Status, Trial
from orchestrator.domain.history import objective_score
from orchestrator.domain.ports import Artefacts, Frames
from orchestrator.explanations.why_it_stopped import how_it_stands
from orchestrator.exports.report.axes import parameter_names
from orchestrator.exports.report.cards import Card, cards
from orchestrator.exports.report.figures import Drawing, drawings
from orchestrator.queries.believed import believed_best
from orchestrator.queries.overview import Overview, overview
from orchestrator.queries.progress import pareto_front
from orchestrator.queries.record import CampaignRecord
from orchestrator.queries.samples import SampleRow, sample_rows
from orchestrator.queries.timeline import Entry, timeline
from orchestrator.queries.times import show_brief
from orchestrator.queries.units import axis_unit, show_setting
from orchestrator.wire.trials import Posterior
from orchestrator.wording.numbers import show_number

_MOST_LINES = 400
"""Of the spec; a pool of candidates can be longer than anyone reads."""
_MOST_FRONT = 30


@dataclass(frozen=True, slots=True)
class FrontRow:
    """One trial that nothing beats in every objective at once."""

    trial: int
    values: tuple[str, ...]
    point: str


@dataclass(frozen=True, slots=True)
class Report:
    """What the template needs."""

    campaign: str
    name: str
    status: str
    is_good: bool
    verdict: str
    best_value: str
    best_name: str
    best_trial: int | None
    believed: str
    best_point: tuple[tuple[str, str], ...]
    tiles: tuple[tuple[str, str, str], ...]
    """Label, figure, and a remark."""
    drawings: tuple[Drawing, ...]
    samples: tuple[SampleRow, ...]
    """Of a campaign over samples; empty otherwise."""
    front_columns: tuple[str, ...]
    front: tuple[FrontRow, ...]
    n_front: int
    timeline: tuple[Entry, ...]
    cards: tuple[Card, ...]
    n_trials: int
    spec: str
    versions: tuple[tuple[str, str], ...]
    instrument: str
    created_by: str
    started_at: datetime | None
    ended_at: datetime | None
    n_events: int
    head: str


def report_of(record: CampaignRecord, artefacts: Artefacts, frames: Frames | None = None, maps: Sequence[Posterior] = ()) -> Report:
    """Return the content of a campaign's report."""
    state = record.state
    figures = overview(record)
    best = state.best_trial
    return Report(
        campaign=record.campaign,
        name=state.spec.name,
        status=str(figures.status),
        is_good=figures.status in (Status.COMPLETED, Status.RUNNING),
        verdict=how_it_stands(state),
        best_value="" if best is None else _first_score(state, best),
        best_name=state.objectives[0].name if state.objectives else "",
        best_trial=state.best,
        believed=believed_best(state),
        best_point=() if best is None else tuple((name, show_setting(value, axis_unit(state, name))) for name, value in best.point.items()),
        tiles=_tiles(figures, sample_rows(state)),
        drawings=drawings(record, artefacts, frames, maps),
        samples=sample_rows(state),
        front_columns=tuple(objective.name for objective in state.objectives),
        front=_front(record),
        n_front=len(pareto_front(record.trials, state.objectives, state.spec.limits)),
        timeline=timeline(record.events),
        cards=cards(record),
        n_trials=len(record.trials),
        spec=_as_yaml(state),
        versions=_versions(record),
        instrument=f"{state.spec.instrument.type} ({state.instrument.identity})",
        created_by=record.events[0].actor,
        started_at=figures.started_at,
        ended_at=figures.ended_at,
        n_events=len(record.events),
        head=record.head,
    )


def _first_score(state: CampaignState, trial: Trial) -> str:
    objective = state.objectives[0]
    score = objective_score(trial, objective)
    return "" if score is None else show_number(score.value, score.sd, objective.unit)


def _tiles(figures: Overview, samples: tuple[SampleRow, ...]) -> tuple[tuple[str, str, str], ...]:
    share = figures.exposure_share
    if samples:
        return _tiles_of_samples(figures, samples)
    tiles = (
        (
            "Trials scored",
            str(figures.n_scored),
            f"of {figures.n_trials} suggested; {figures.n_vetoed} vetoed, {figures.n_failed} given up{_others(figures)}",
        ),
        ("Wall time", show_duration(figures.wall_s), f"{show_duration(figures.waiting_s)} of it waiting for beam, people or analysis"),
        ("Dead time", *_dead(figures)),
        ("Beam time", show_duration(figures.exposure_s), "" if share is None else f"shutter open for {share:.0%} of the wall time"),
        ("Measured again", str(figures.n_repeated), f"of {figures.n_attempts} attempts did not count"),
    )
    return tiles if figures.exposure_s > 0 else tuple(tile for tile in tiles if tile[0] != "Beam time")


def _tiles_of_samples(figures: Overview, samples: tuple[SampleRow, ...]) -> tuple[tuple[str, str, str], ...]:
    through = sum(all(cell.outcome == "succeeded" for cell in row.stages) for row in samples)
    return (
        ("Samples through", f"{through} of {len(samples)}", "every stage succeeded"),
        ("Trials", str(figures.n_counted), "of all samples and stages"),
        ("Wall time", show_duration(figures.wall_s), ""),
        ("Beam time", show_duration(figures.exposure_s), "shutter open"),
    )


def _others(figures: Overview) -> str:
    """Return which trials have no score yet, and which had one before the campaign."""
    awaiting = f", {figures.n_awaiting} awaiting their analysis" if figures.n_awaiting else ""
    return awaiting + (f"; {figures.n_earlier} more were measured before" if figures.n_earlier else "")


def _dead(figures: Overview) -> tuple[str, str]:
    """Return the median from the end of a measurement to the next, and what to say about it."""
    if figures.dead_s is None or figures.dead_p95_s is None:
        return "–", "median from the end of a measurement to the next"
    rest = f"95 % within {show_brief(figures.dead_p95_s)}, {show_duration(figures.dead_total_s)} in all"
    return show_brief(figures.dead_s), f"median from the end of a measurement to the next; {rest}"


def show_duration(seconds: float) -> str:
    """Return ``0.39 s``, ``12 min 5 s`` or ``8 h 3 min``."""
    if round(seconds) < 60:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def _front(record: CampaignRecord) -> tuple[FrontRow, ...]:
    state = record.state
    if len(state.objectives) < 2:
        return ()
    rows = (state.trial(number) for number in pareto_front(record.trials, state.objectives, state.spec.limits)[:_MOST_FRONT])
    return tuple(FrontRow(trial.number, _all_scores(state, trial), _point(record, trial)) for trial in rows)


def _all_scores(state: CampaignState, trial: Trial) -> tuple[str, ...]:
    scores = ((objective, objective_score(trial, objective)) for objective in state.objectives)
    return tuple("" if score is None else show_number(score.value, score.sd, objective.unit) for objective, score in scores)


def _point(record: CampaignRecord, trial: Trial) -> str:
    names = [name for name in parameter_names(record) if name in trial.point]
    return ", ".join(f"{name} = {show_setting(trial.point[name], axis_unit(record.state, name))}" for name in names)


def _as_yaml(state: CampaignState) -> str:
    from ruamel.yaml import YAML

    buffer = io.StringIO()
    writer = YAML()
    writer.width = 100
    writer.dump(state.spec.model_dump(mode="json", exclude_none=True), buffer)
    lines = buffer.getvalue().splitlines()
    if len(lines) <= _MOST_LINES:
        return "\n".join(lines)
    return "\n".join([*lines[:_MOST_LINES], f"# … {len(lines) - _MOST_LINES} more lines; nightshift log has the whole spec"])


def _versions(record: CampaignRecord) -> tuple[tuple[str, str], ...]:
    versions = getattr(record.events[0].data, "versions", {})
    return tuple(sorted(versions.items()))
