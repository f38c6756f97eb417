"""One line of the campaign list."""

from orchestrator.domain.ports import Summary
from orchestrator.wire.campaigns import Campaign


def shown_campaign(summary: Summary, *, is_run: bool) -> Campaign:
    """Return a stored projection for people."""
    return Campaign(
        campaign=summary.campaign,
        name=summary.name,
        status=summary.status,
        reason=summary.reason,
        trials=summary.trials,
        best_point=summary.best_point,
        best_score=summary.best_score,
        is_run=is_run,
        created_at=summary.created_at,
        updated_at=summary.updated_at,
        seq=summary.seq,
        head=summary.head,
    )
