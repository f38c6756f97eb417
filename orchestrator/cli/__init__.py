"""The command line. Starts light: what a command needs is imported when it runs."""

import os


def main() -> None:
    """Run ``nightshift``."""
    # pydantic looks for plug-ins of its own in every installed package, 35 ms in each of our processes; none is ever meant for us.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from orchestrator.cli.app import app

    app(prog_name="nightshift")
