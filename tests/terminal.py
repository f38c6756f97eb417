"""The command line, called as a person types it."""

from typer.testing import CliRunner, Result

from orchestrator.cli.app import app


def nightshift(*arguments: str) -> Result:
    """Return what a command that works prints."""
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    return result


def refusal(*arguments: str, code: int = 2) -> str:
    """Return what a command that is refused says."""
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == code, result.stdout
    assert "error: " in result.stderr
    return result.stderr
