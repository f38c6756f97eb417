"""People read stderr, programs read stdout."""

import json
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestrator.domain.errors import BadInput, NightshiftError

if TYPE_CHECKING:
    from rich.console import Console

_NAME = "nightshift"
OK, OTHER, BAD_INPUT, HELD, ENDED = 0, 1, 2, 3, 4
_EXIT_CODES = {"completed": OK, "running": OK, "held": HELD, "stopped": ENDED, "aborted": ENDED}
"""By status; a campaign that another process goes on running was resumed as asked. Anything else is ``OTHER``."""


_WIDE = 240
"""Columns where nobody's terminal sets a limit: names stay on one line, so that grep finds them."""


def people_console() -> "Console":
    """Return a console on stderr that leaves words as they are."""
    from rich.console import Console

    width = None if sys.stderr.isatty() else _WIDE
    return Console(stderr=True, highlight=False, markup=False, emoji=False, width=width)


def say(text: str = "") -> None:
    """Tell people something; a terminal that was closed meanwhile takes nothing from the outcome."""
    with suppress(OSError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


def print_json(document: Mapping[str, Any]) -> None:
    """Tell programs something: one document, one line."""
    sys.stdout.write(json.dumps(document, allow_nan=False, default=str) + "\n")
    sys.stdout.flush()


def typed_name() -> str:
    """Return how this program is called from here: by the path it was just called with, where its name alone finds nothing."""
    called = sys.argv[0]
    return called if Path(called).name == _NAME and shutil.which(_NAME) is None else _NAME


def exit_code_of_error(error: NightshiftError) -> int:
    return BAD_INPUT if isinstance(error, BadInput) else OTHER


def exit_code_of_status(status: str) -> int:
    return _EXIT_CODES.get(str(status), OTHER)
