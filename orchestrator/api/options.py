"""How a server was started. Apart from the routes, because the supervisor that knows it needs no web framework."""

from dataclasses import dataclass

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """How this server was started."""

    read_only: bool = False
    """Refuse every command, and write nothing to the ledger."""
    is_https: bool = False
    """Whether browsers reach it over TLS, its own or a proxy's: cookies are then marked secure."""
    hosts: tuple[str, ...] = LOOPBACK
    """Names this server answers to, against pages that point a name of theirs at this machine; ``*`` for any."""
    origins: tuple[str, ...] = ()
    """Addresses the dashboard is opened under, such as ``https://beamline.example``; the own address always counts."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses whose sign-on header is believed."""
    proxy_user_header: str = ""
    """The header in which a trusted proxy names who signed on; empty for none."""
    proxy_role: str = "observer"
    """What somebody a proxy vouches for may do."""
