"""What every recorded value shares."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

Setting = float | int | str
"""One parameter's value: a number in the parameter's unit, or a category's name."""

Point = Mapping[str, Setting]
"""A value for every parameter of a space."""


BUILT_WHEN_USED = ConfigDict(defer_build=True)
"""pydantic builds the validator of a model when something is first validated, not when its module is imported: every command and
every process imports all of our words and uses a few."""


class Value(BaseModel):
    """A frozen record. Infinities are refused because JSON has none: pydantic would write them as null.

    Where a field takes anything, as settings do, they are kept until the ledger's own JSON refuses them aloud.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, ser_json_inf_nan="constants", defer_build=True)


def _as_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone; write it as UTC, for example {moment.isoformat()}Z")
    return moment.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(_as_utc)]
"""A point in time, always UTC and aware."""

_SECONDS = {"ms": 0.001, "s": 1.0, "sec": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


def parse_duration(written: Any) -> Any:
    """Return seconds for ``"30 min"``, ``"8 h"``, ``"250 ms"``; a bare number is seconds already."""
    if not isinstance(written, str):
        return written
    number, unit = written.strip(), "s"
    for candidate in sorted(_SECONDS, key=len, reverse=True):
        if number.endswith(candidate):
            number, unit = number.removesuffix(candidate).strip(), candidate
            break
    try:
        return float(number) * _SECONDS[unit]
    except ValueError:
        raise ValueError(f"{written!r} is not a duration; write a number and one of {', '.join(_SECONDS)}") from None


_LONGEST = 100 * 365.25 * 86400.0
"""A century in seconds: beyond it calendars end, and nobody means it."""


def _within_a_century(seconds: float) -> float:
    if seconds > _LONGEST:
        raise ValueError(f"{seconds:g} s is longer than a century; write less, or leave it out")
    return seconds


Duration = Annotated[
    float, BeforeValidator(parse_duration), AfterValidator(_within_a_century), Field(ge=0, json_schema_extra={"type": ["number", "string"]})
]
"""A duration in seconds; people may write ``8 h``."""
