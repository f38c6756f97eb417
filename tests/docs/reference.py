"""The tables of the reference pages, made from the code they describe."""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import get_args

from pydantic import BaseModel

from orchestrator import plugins
from orchestrator.domain import events, parts, records, samples, spec
from orchestrator.domain.frames import FrameRef
from orchestrator.domain.limits import Limit
from orchestrator.domain.measuring import Combined, PlanCall, Reduced
from orchestrator.domain.operations import Dark, DeadTime, Fit, RoiSum
from orchestrator.domain.routines import Routine
from orchestrator.domain.space import Categorical, Continuous, Integer, LinearConstraint, Ordinal
from tests.docs.fields import fields, models_of, summary, table
from tests.docs.meanings import CAMPAIGN, EVENTS, WHEN

RECORDS: tuple[type[BaseModel], ...] = (
    records.Observation,
    records.Evidence,
    records.Prediction,
    records.LimitPrediction,
    records.BelievedBest,
    records.Acquisition,
    records.RunnerUp,
    records.Verdict,
    records.Score,
    records.ObjectiveScore,
    records.Breach,
    records.ArtefactRef,
    FrameRef,
    parts.PartOf,
)
"""What events are made of, in the order a reader meets it."""

CAMPAIGN_MODELS: Mapping[str, type[BaseModel]] = {
    "campaign": spec.CampaignSpec,
    "continuous": Continuous,
    "integer": Integer,
    "ordinal": Ordinal,
    "categorical": Categorical,
    "constraint": LinearConstraint,
    "candidates": spec.CandidatesFile,
    "measure": spec.Measure,
    "plan": PlanCall,
    "derive-one": Reduced,
    "derive-two": Combined,
    "derive-roi-sum": RoiSum,
    "derive-fit": Fit,
    "derive-dead-time": DeadTime,
    "derive-dark": Dark,
    "every": Routine,
    "budget": spec.Budget,
    "limit": Limit,
    "stop": spec.StopRules,
    "approval": spec.Approval,
    "sample": samples.Sample,
    "stage": samples.Stage,
}


def event_models() -> Mapping[str, type[BaseModel]]:
    """Return every ledger event's class by the name it is stored under."""
    union = get_args(events.LedgerData)[0]
    return {model.model_fields["type"].default: model for model in get_args(union)}


def event_sections() -> str:
    return "\n\n".join(_event_section(name, model) for name, model in event_models().items())


def _event_section(name: str, model: type[BaseModel]) -> str:
    said = summary(model)
    parts = [f"### `{name}`", WHEN[name], said, table(model, EVENTS) if fields(model) else "No fields."]
    return "\n\n".join(part for part in parts if part)


def record_sections() -> str:
    return "\n\n".join(f"### {model.__name__}\n\n{summary(model)}\n\n{table(model, EVENTS)}" for model in RECORDS)


def plugin_sections() -> str:
    """Return the bundled plug-ins that a campaign can name, with their settings."""
    return "\n\n".join(_plugin_section(kind) for kind in plugins.KINDS)


def _plugin_section(kind: plugins.Kind) -> str:
    rows = [
        f"| `{found.name}` | {_first_line(found)} | {', '.join(_settings(found)) or '–'} |"
        for found in plugins.found(kind)
        if _is_ours(found)
    ]
    return "\n".join([f"### {kind.capitalize()}s", "", "| type | what it does | settings (default) |", "|---|---|---|", *rows])


def _is_ours(found: plugins.Found) -> bool:
    return found.distribution == "nightshift"


def _first_line(found: plugins.Found) -> str:
    return (import_module(found.entry_point.module).__doc__ or "").strip().partition("\n")[0].replace("``", "`").replace("|", "\\|")


def _settings(found: plugins.Found) -> Iterator[str]:
    for each in fields(found.load().Settings):
        yield f"`{each.name}`" if each.default == "–" else f"`{each.name}` ({each.default})"


_GENERATED: Mapping[str, Callable[[], str]] = {
    "events": event_sections,
    "records": record_sections,
    "plug-ins": plugin_sections,
}


def generated(name: str) -> str:
    """Return what belongs between a page's ``generated`` marks."""
    if name in CAMPAIGN_MODELS:
        return table(CAMPAIGN_MODELS[name], CAMPAIGN, first="key")
    return _GENERATED[name]()


def undescribed_records() -> set[str]:
    """Return the models of ``records`` that no page explains."""
    in_no_event = {"Suggestion", "Objective", "Later"}
    return {model.__name__ for model in models_of(records)} - {model.__name__ for model in RECORDS} - in_no_event
