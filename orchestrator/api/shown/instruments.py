"""Instruments as people see them: what they are, who holds them, and where they stand."""

from collections.abc import Iterable
from datetime import datetime

from orchestrator.api.following import Followed
from orchestrator.bootstrap.live import LiveDocument
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.ports import Holder
from orchestrator.queries.instruments import instrument_id
from orchestrator.wire.instruments import Instrument, Live


def shown_instrument(
    followed: Followed, *, holder: tuple[Holder, datetime] | None, is_held: bool, live: LiveDocument | None, now: datetime
) -> Instrument:
    """Return an instrument.

    Args:
        followed: The campaign that runs on it, or did last.
        holder: Who holds its lease, and until when.
        is_held: Whether that holder lives.
        live: What its sentinel tells; None where nothing can be seen from outside.
        now: UTC.
    """
    state = followed.state
    shown = None if live is None else Live.model_validate(live, strict=False)
    return Instrument(
        id=instrument_id(state.instrument.identity, followed.campaign),
        identity=state.instrument.identity,
        type=state.spec.instrument.type,
        campaign=followed.campaign,
        is_held=is_held,
        holder="" if holder is None or not is_held else str(holder[0]),
        lease_expires_at=None if holder is None or not is_held else holder[1],
        has_second_connection=state.instrument.has_second_connection,
        axes={name: getattr(axis.parameter, "unit", "") or "" for name, axis in state.instrument.axes.items()},
        signals={name: signal.unit for name, signal in state.instrument.signals.items()},
        interlocks={name: interlock.meaning for name, interlock in state.instrument.interlocks.items()},
        live=shown,
        live_age_s=None if shown is None else max(0.0, (now - shown.at).total_seconds()),
        positions=state.last_positions or {},
        positions_at=_when_measured(state),
    )


def _when_measured(state: CampaignState) -> datetime | None:
    if not state.last_positions:
        return None
    observed = (trial.observation for trial in reversed(state.trials))
    return next((observation.finished_at for observation in observed if observation is not None), None)


def one_each(campaigns: Iterable[Followed]) -> tuple[Followed, ...]:
    """Return the first campaign of each instrument."""
    first: dict[str, Followed] = {}
    for followed in campaigns:
        first.setdefault(instrument_id(followed.state.instrument.identity, followed.campaign), followed)
    return tuple(first.values())
