"""Running a profile as somebody else's code: output kept, time limited, failures told with the line they come from."""

from collections.abc import Callable
from pathlib import Path

from instruments.beamline.guarding import Watchdog, keep_output
from instruments.beamline.model import Source, Startup
from instruments.beamline.profile import Profile, load_profile
from instruments.epics.subscriptions import keep_subscriptions
from orchestrator.domain.errors import InstrumentError, NightshiftError

GiveUp = Callable[[NightshiftError], None]
"""Tells whoever waits for this process why it ends, and ends it."""


def load_guarded(source: Source, seconds: float, log: Path, give_up: GiveUp) -> Profile:
    """Run a profile in this process's main thread; from here on, what the process prints goes to the log.

    Raises:
        InstrumentError: If the profile raises; names file, line and log. One that takes too long ends the process.
    """
    keep_output(log)
    keep_subscriptions()
    inside = Path(source.startup).expanduser() if isinstance(source, Startup) else None

    def too_long(where: str) -> None:
        told = f"the profile has run for {seconds:g} s and is at {where}; mend it, or raise load_timeout in the site file"
        give_up(InstrumentError(f"{told} (what it printed: {log})"))

    try:
        with Watchdog(seconds, too_long, inside=inside):
            return load_profile(source)
    except InstrumentError as error:
        raise InstrumentError(f"{error} (what it printed: {log})") from None
