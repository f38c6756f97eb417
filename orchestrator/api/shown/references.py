"""References as pages show them: the latest readings, and what they say of drift."""

from orchestrator.domain.campaign import CampaignState
from orchestrator.queries.references import ReferenceDrift, reference_drifts
from orchestrator.wire.campaigns import ReferenceShown

_MOST = 200
"""Readings of one reference that are sent: a curve as small as a word shows no more."""


def shown_references(state: CampaignState) -> tuple[ReferenceShown, ...]:
    """Return every reference that has been measured."""
    return tuple(map(_shown, reference_drifts(state)))


def _shown(drift: ReferenceDrift) -> ReferenceShown:
    points = drift.points[-_MOST:]
    return ReferenceShown(
        routine=drift.routine,
        quantity=drift.quantity,
        unit=drift.unit,
        sentence=drift.sentence,
        drifts=drift.drifts,
        trials=tuple(point.trial for point in points),
        values=tuple(point.value for point in points),
        sds=tuple(point.sd for point in points),
    )
