"""Instruments: where they stand this moment, and who may move them."""

from collections.abc import Mapping

from pydantic import Field

from orchestrator.domain.base import Moment, Setting, Value


class Live(Value):
    """Latest values over the sentinel's own connection; lossy, at most ten a second, never ledger."""

    at: Moment
    positions: Mapping[str, Setting] = {}
    signals: Mapping[str, float | str | None] = {}
    interlocks: Mapping[str, bool] = {}
    """Whether each holds."""
    ages: Mapping[str, float] = {}
    """Seconds since each name last spoke, where the device tells."""
    shutter: str | None = None
    is_moving: bool | None = None


class Instrument(Value):
    id: str
    identity: str
    """What two campaigns must not share, such as a PV prefix; empty when private to its campaign."""
    type: str
    campaign: str
    """The campaign that runs on it now, or last did."""
    is_held: bool
    holder: str = ""
    lease_expires_at: Moment | None = None
    has_second_connection: bool
    axes: Mapping[str, str]
    """Units by axis."""
    signals: Mapping[str, str]
    interlocks: Mapping[str, str]
    """Meanings by interlock."""
    live: Live | None = None
    """None where nothing can be seen from outside the instrument process."""
    live_age_s: float | None = None
    positions: Mapping[str, Setting] = {}
    """As the campaign last recorded them."""
    positions_at: Moment | None = None


class Instruments(Value):
    instruments: tuple[Instrument, ...]


class SafeStopOrder(Value, defer_build=False):
    note: str = Field(default="", max_length=2000)


class SafeStopped(Value):
    """What a safe-stop did."""

    campaign: str
    actions: tuple[str, ...]
    seconds_to_command: float | None
    """From the request until the stop command was issued."""
    seconds_to_still: float | None
    """Until the axes reported that they stand; None where nothing can tell."""
    answer: str
