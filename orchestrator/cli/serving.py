"""serve."""

from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli.console import say
from orchestrator.cli.options import LedgerOption, PortOption
from orchestrator.domain.errors import BadInput

HostOption = Annotated[str, typer.Option("--host", help="Address to listen on; other than loopback only with TLS or behind a proxy.")]


def serve(
    ctx: typer.Context,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8088,
    read_only: Annotated[bool, typer.Option("--read-only", help="For a replica: no commands, no engines, nothing written.")] = False,
    certificate: Annotated[Path | None, typer.Option("--cert", metavar="FILE", help="TLS certificate, PEM.")] = None,
    key: Annotated[Path | None, typer.Option("--key", metavar="FILE", help="TLS private key, PEM.")] = None,
    behind_proxy: Annotated[bool, typer.Option("--behind-proxy", help="A proxy in front encrypts.")] = False,
    trusted_proxies: Annotated[
        list[str] | None, typer.Option("--trusted-proxy", metavar="ADDRESS", help="Whose sign-on header is believed. Repeatable.")
    ] = None,
    proxy_user_header: Annotated[
        str, typer.Option("--proxy-user-header", metavar="NAME", help="Header in which a trusted proxy names who signed on.")
    ] = "",
    proxy_role: Annotated[str, typer.Option("--proxy-role", help="What somebody the proxy vouches for may do.")] = "observer",
    origins: Annotated[
        list[str] | None,
        typer.Option("--origin", metavar="URL", help="Address browsers use, such as https://beamline.example. Repeatable."),
    ] = None,
    ledger: LedgerOption = None,
) -> None:
    """Serve dashboard and API, and run campaigns that are started there. Prints a link that logs you in."""
    from orchestrator.api.options import ServeOptions
    from orchestrator.serving.listening import names_of
    from orchestrator.serving.order import ServeOrder
    from orchestrator.serving.server import serve as serve_until_told

    _require_sense(trusted_proxies, proxy_user_header, proxy_role)
    options = ServeOptions(
        read_only=read_only,
        hosts=("*",) if behind_proxy and not origins else names_of(host),
        is_https=certificate is not None or behind_proxy,
        origins=tuple(origin.rstrip("/") for origin in origins or ()),
        trusted_proxies=tuple(trusted_proxies or ()),
        proxy_user_header=proxy_user_header,
        proxy_role=proxy_role,
    )
    serve_until_told(ServeOrder(ledger or ctx.obj, options, host, port, certificate, key, behind_proxy), say)


def _require_sense(trusted_proxies: list[str] | None, header: str, role: str) -> None:
    from orchestrator.domain.access import Role

    if bool(header) != bool(trusted_proxies):
        raise BadInput("--proxy-user-header and --trusted-proxy need each other: whoever may set the header is logged in")
    if role not in list(Role):
        raise BadInput(f"--proxy-role {role} is none of {', '.join(Role)}")
