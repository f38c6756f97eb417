"""Which drawings a report has, in order; each only where there is something to draw."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from orchestrator.domain.ports import Artefacts, Frames
from orchestrator.exports.report.axes import parameter_names
from orchestrator.exports.report.images import best_arrays
from orchestrator.exports.report.map_plot import map_plot
from orchestrator.exports.report.plots import calibration_plot, pareto_plot, progress_plot
from orchestrator.exports.report.reference_plot import reference_plot
from orchestrator.exports.report.space_plots import is_wide, parallel_plot, space_plot
from orchestrator.exports.report.timeline_plot import timeline_plot
from orchestrator.queries.calibration import Comparison, comparisons, coverage
from orchestrator.queries.progress import progress
from orchestrator.queries.record import CampaignRecord
from orchestrator.queries.references import reference_drifts
from orchestrator.queries.timeline import spans, timeline
from orchestrator.wire.trials import Posterior


@dataclass(frozen=True, slots=True)
class Drawing:
    """One drawing and what is written beneath it."""

    title: str
    caption: str
    svg: str
    """Empty where there is nothing to draw but something to say."""
    is_wide: bool = False


def drawings(
    record: CampaignRecord, artefacts: Artefacts, frames: Frames | None = None, maps: Sequence[Posterior] = ()
) -> tuple[Drawing, ...]:
    """Return a report's drawings."""
    return tuple(_drawings(record, artefacts, frames, maps))


def _drawings(record: CampaignRecord, artefacts: Artefacts, frames: Frames | None, maps: Sequence[Posterior]) -> Iterator[Drawing]:
    for objective in record.objectives:
        points = progress(record.trials, objective, record.state.spec.limits)
        if points:
            which = " that keeps the limits" if record.state.spec.limits else ""
            caption = f"Every score of {objective.name}{which}, and the best so far ({objective.goal})."
            yield Drawing(f"Best {objective.name} so far", caption, progress_plot(record, objective, points))
    yield from _searched(record)
    yield from _believed(record, maps)
    for objective in record.objectives:
        compared = comparisons(record.trials, objective)
        if len(compared) > 1:
            yield Drawing(f"Predicted and measured {objective.name}", _honesty(compared), calibration_plot(record, objective, compared))
    for caption, svg in best_arrays(record, artefacts, frames):
        yield Drawing("What the detector saw", caption, svg)
    for drift in reference_drifts(record.state):
        if len(drift.points) > 1:
            yield Drawing(f"{drift.routine}: {drift.quantity}", f"The same again and again. {drift.sentence}.", reference_plot(drift))
    yield from _night(record)


def _honesty(compared: tuple[Comparison, ...]) -> str:
    """Return how often the agent's 90 % intervals held what was measured."""
    n_inside = round((coverage(compared) or 0.0) * len(compared))
    joined = "joins the standard deviations of the prediction and of the measurement, as stated or else as the model learnt it"
    alone = "holds the prediction's standard deviation alone, since nothing is known of the measurement's"
    return (
        f"Predictions were made before the measurement. {n_inside} of {len(compared)} measured values ({n_inside / len(compared):.0%}) lay "
        f"within the 90 % interval, which {joined if any(one.measured_sd for one in compared) else alone}."
    )


def _searched(record: CampaignRecord) -> Iterator[Drawing]:
    if not record.objectives or not progress(record.trials, record.objectives[0], record.state.spec.limits):
        return
    objective = record.objectives[0]
    if len(record.objectives) > 1:
        yield Drawing("Trade-off", "The first two objectives; nothing measured beats the front in both.", pareto_plot(record))
    caption = "Positions as read back, over the whole space; the best trial is ringed."
    yield Drawing("Where was measured", caption, space_plot(record, objective), is_wide(record))
    if len(parameter_names(record)) > 2:
        yield Drawing(
            "All parameters together",
            "Each line is one trial, from the lowest to the highest setting measured.",
            parallel_plot(record, objective),
        )


def _believed(record: CampaignRecord, maps: Sequence[Posterior]) -> Iterator[Drawing]:
    for objective, believed in zip(record.objectives, maps, strict=False):
        caption = (
            f"What the model expected everywhere when it chose trial {believed.trial}, and how sure it was of that. "
            f"Dots are trials measured. As a table: nightshift predict {record.campaign}."
        )
        yield Drawing(f"The map of {objective.name}", caption, map_plot(record, objective, believed), is_wide=True)


def _night(record: CampaignRecord) -> Iterator[Drawing]:
    start = record.state.started_at
    stretches = spans(record)
    if start is not None and stretches:
        caption = "When the instrument measured, what did not count, what was waited for, and what happened."
        yield Drawing("The night", caption, timeline_plot(start, stretches, timeline(record.events)), is_wide=True)
