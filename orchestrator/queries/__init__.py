"""The read side: questions people ask of a campaign, answered from its ledger events alone."""

from orchestrator.queries.calibration import Comparison, comparisons, coverage, latest_coverage
from orchestrator.queries.overview import Overview, overview
from orchestrator.queries.progress import ProgressPoint, pareto_front, progress
from orchestrator.queries.record import Attempt, CampaignRecord, read_campaign, record_of
from orchestrator.queries.references import ReferenceDrift, ReferencePoint, reference_drifts
from orchestrator.queries.table import table
from orchestrator.queries.timeline import Entry, Span, spans, timeline
from orchestrator.queries.times import DeadFigures, DeadTime, dead_figures, dead_times, our_seconds, show_dead
from orchestrator.queries.units import axis_unit, show_setting, signal_unit

__all__ = [
    "Attempt",
    "CampaignRecord",
    "Comparison",
    "DeadFigures",
    "DeadTime",
    "Entry",
    "Overview",
    "ProgressPoint",
    "ReferenceDrift",
    "ReferencePoint",
    "Span",
    "axis_unit",
    "comparisons",
    "coverage",
    "dead_figures",
    "dead_times",
    "latest_coverage",
    "our_seconds",
    "overview",
    "pareto_front",
    "progress",
    "read_campaign",
    "record_of",
    "reference_drifts",
    "show_dead",
    "show_setting",
    "signal_unit",
    "spans",
    "table",
    "timeline",
]
