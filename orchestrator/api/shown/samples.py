"""Samples for clients."""

from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.parts import PartOf, is_part
from orchestrator.queries.samples import Cell, sample_rows
from orchestrator.wire.samples import SampleShown, StageShown


def shown_samples(state: CampaignState) -> tuple[SampleShown, ...]:
    """Return what became of every sample; nothing for a campaign without samples."""
    return tuple(
        SampleShown(sample=row.sample, position=row.position, stages=tuple(map(_shown, row.cells)), why=row.why)
        for row in sample_rows(state)
    )


def _shown(cell: Cell) -> StageShown:
    fields = {name: getattr(cell, name) for name in ("stage", "outcome", "part", "trials", "score", "point", "reason", "text")}
    return StageShown.model_validate(fields)


def shown_place(campaign: str) -> PartOf | None:
    """Return where a part belongs; None for any other campaign."""
    if not is_part(campaign):
        return None
    whole, sample, stage = campaign.split("~", 2)
    return PartOf(campaign=whole, sample=sample, stage=stage)
