"""Where the server listens: refused before anything starts, with the way out, when that would be unsafe or cannot be."""

import contextlib
import errno
import ipaddress
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

import psutil

from orchestrator.api.options import LOOPBACK
from orchestrator.domain.errors import BadInput

_BACKLOG = 1024
_INTERNET = (socket.AF_INET, socket.AF_INET6)
_ANYWHERE = ("0.0.0.0", "::")  # nosec B104


@dataclass(frozen=True, slots=True)
class Address:
    """Where browsers find the server."""

    host: str
    port: int
    is_tls: bool

    @property
    def url(self) -> str:
        host = socket.gethostname() if self.host in _ANYWHERE else self.host
        return f"{'https' if self.is_tls else 'http'}://{_written(host)}:{self.port}"


def names_of(host: str) -> tuple[str, ...]:
    """Return the names under which a server on this address is asked for, lower case and as browsers write them."""
    if host not in _ANYWHERE:
        return (*LOOPBACK, _written(host))
    own = {address.address for each in psutil.net_if_addrs().values() for address in each if address.family in _INTERNET}
    machine = {socket.gethostname(), socket.getfqdn()}
    return (*LOOPBACK, *sorted(machine | {_written(address.partition("%")[0]) for address in own}))


def _written(host: str) -> str:
    return f"[{host}]" if ":" in host else host.lower()


def require_safe(host: str, *, is_tls: bool, is_behind_proxy: bool) -> None:
    """Refuse to let keys and cookies travel a network in the clear.

    Raises:
        BadInput: If the address can be reached from elsewhere and nothing encrypts.
    """
    if is_tls or is_behind_proxy or _is_loopback(host):
        return
    raise BadInput(
        f"--host {host} can be reached from other machines, and without TLS everybody on the way can read keys and cookies; "
        "give --cert FILE --key FILE, or --behind-proxy if a proxy in front of it encrypts, or leave --host out"
    )


def _is_loopback(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def require_certificate(certificate: Path | None, key: Path | None) -> None:
    """Raise BadInput unless both files are given, exist and belong together, or neither is given."""
    if certificate is None and key is None:
        return
    if certificate is None or key is None:
        given, missing = ("--cert", "--key") if key is None else ("--key", "--cert")
        raise BadInput(f"{given} needs {missing}; give both, as PEM files")
    for option, path in (("--cert", certificate), ("--key", key)):
        if not path.is_file():
            raise BadInput(f"{option} {path}: there is no such file; give a PEM file")
    try:
        # Without a password, even an empty one, the library would ask the terminal for that of an encrypted key.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")  # nosec B106
    except (ssl.SSLError, OSError) as error:
        raise BadInput(f"--cert {certificate} and --key {key} cannot be used together: {error}; give an unencrypted PEM pair") from None


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens already, so that whoever connects now is answered as soon as the API is there.

    Raises:
        BadInput: If the port is taken or the host is not ours.
    """
    if not 0 <= port <= 65535:
        raise BadInput(f"--port {port} is outside 1 to 65535; choose another, such as 8088")
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise BadInput(f"--host {host}: {error.strerror}; give a name or an address of this machine") from None
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise BadInput(_cannot_listen(host, port, error)) from None
    return listening


def _cannot_listen(host: str, port: int, error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"port {port} on {host} is in use, perhaps by another nightshift serve; end that, or choose another with --port"
        case errno.EACCES | errno.EPERM:
            return f"port {port} on {host} needs more rights than you have; choose one above 1023 with --port"
        case _:
            return f"cannot listen on {host}, port {port}: {error.strerror}; give an address of this machine with --host"
