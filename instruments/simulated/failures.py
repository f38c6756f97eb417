"""Making a device's own words survive the RunEngine, which only says that some status failed."""

from collections.abc import Generator
from typing import Any

from orchestrator.domain.errors import InstrumentError, NightshiftError


def in_its_own_words(plan: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
    """Run a plan and raise what a failed status raised, in place of ``FailedStatus``.

    Raises:
        InstrumentError: If a device failed; or whatever Nightshift error it raised.
    """
    from bluesky.utils import FailedStatus

    try:
        return (yield from plan)
    except FailedStatus as failure:
        cause = failure.__cause__
        if isinstance(cause, NightshiftError):
            raise cause from None
        raise InstrumentError(f"{type(cause).__name__}: {cause}") from failure
