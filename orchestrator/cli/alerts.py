"""Alerts from the terminal: does anybody hear them?"""

import typer

from orchestrator.cli.console import OTHER, tell
from orchestrator.domain.errors import BadInput

app = typer.Typer(help="Tell people by mail, push or chat when a campaign needs them.", no_args_is_help=True)


@app.callback()
def _alerts() -> None:
    """Keep ``test`` a command of its own, though it is the only one."""


@app.command()
def test(ctx: typer.Context) -> None:
    """Send a test alert to every target in alerts.yaml, and say who took it."""
    from orchestrator.alerts.delivery import require_known, send_with_apprise
    from orchestrator.alerts.messages import Message
    from orchestrator.serving.alerts_process import alert_settings, alerts_file

    settings = alert_settings(ctx.obj)
    if not settings.targets:
        raise BadInput(f"{alerts_file(ctx.obj)} names nobody to tell; write a line such as `targets: {{me: ntfy://my-topic}}` into it")
    require_known(settings.targets)
    message = Message("Nightshift: a test", "Alerts reach you. " + (f"The dashboard: {settings.page}" if settings.page else ""))
    taken = {name: send_with_apprise(address.get_secret_value(), message) for name, address in settings.targets.items()}
    for name, is_taken in taken.items():
        tell(f"{name}: {'taken' if is_taken else 'not taken; look at its address, and whether this machine reaches it'}")
    if not all(taken.values()):
        raise typer.Exit(OTHER)
