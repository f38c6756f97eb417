"""What a command was asked for goes to stdout, for people or for programs; progress, hints and errors go to stderr."""

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
    return _console(is_stderr=True)


def answer_console() -> "Console":
    """Return the same on stdout."""
    return _console(is_stderr=False)


def _console(*, is_stderr: bool) -> "Console":
    from rich.console import Console

    width = None if (sys.stderr if is_stderr else sys.stdout).isatty() else _WIDE
    return Console(stderr=is_stderr, highlight=False, markup=False, emoji=False, width=width)


def tell(text: str = "", *, as_json: bool = False) -> None:
    """Give people what they asked for; with ``--json``, stdout is the programs', and they read it beside that."""
    if as_json:
        say(text)
    else:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def say(text: str = "") -> None:
    """Tell people how it goes; a terminal that was closed meanwhile takes nothing from the outcome."""
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
