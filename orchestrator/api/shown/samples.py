"""Samples for clients."""

from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.parts import PartOf, is_part
from orchestrator.queries.samples import Cell, SampleRow, sample_rows
from orchestrator.wire.samples import BestOfSample, SampleShown, StageShown


def shown_samples(state: CampaignState) -> tuple[SampleShown, ...]:
    """Return what became of every sample; nothing for a campaign without samples."""
    return tuple(
        SampleShown(sample=row.sample, position=row.position, stages=tuple(map(_shown, row.stages)), why=row.why, best=_best(row))
        for row in sample_rows(state)
    )


def _best(row: SampleRow) -> BestOfSample | None:
    best = row.best
    return None if best is None else BestOfSample(stage=best.stage, value=best.value, name=best.name, unit=best.unit)


def _shown(cell: Cell) -> StageShown:
    fields = {name: getattr(cell, name) for name in ("stage", "outcome", "part", "trials", "score", "point", "reason", "text")}
    return StageShown.model_validate(fields)


def shown_place(campaign: str) -> PartOf | None:
    """Return where a part belongs; None for any other campaign."""
    if not is_part(campaign):
        return None
    whole, sample, stage = campaign.split("~", 2)
    return PartOf(campaign=whole, sample=sample, stage=stage)
