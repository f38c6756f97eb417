"""The command line. Starts light: what a command needs is imported when it runs."""


def main() -> None:
    """Run ``nightshift``."""
    from orchestrator.cli.app import app

    app(prog_name="nightshift")
