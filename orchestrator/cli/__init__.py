"""The command line. Starts light: what a command needs is imported when it runs."""

import io
import os
import sys


def main() -> None:
    """Run ``nightshift``."""
    # pydantic looks for plug-ins of its own in every installed package, 35 ms in each of our processes; none is ever meant for us.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    if isinstance(sys.stdout, io.TextIOWrapper):  # units and marks are not ASCII: where stdout cannot write one, as stderr does it
        sys.stdout.reconfigure(errors="backslashreplace")
    from orchestrator.cli.app import app

    app(prog_name="nightshift")
