"""The API in a process of its own, on a socket that outlives it."""

import contextlib
import socket
from collections.abc import Iterator
from multiprocessing.connection import Connection

import uvicorn

from orchestrator import bootstrap
from orchestrator.api.app import build_app
from orchestrator.api.security.secret import load_secret
from orchestrator.api.services import Services
from orchestrator.api.streams.sockets import end_unread_connections
from orchestrator.serving.orphans import hear_supervisor
from orchestrator.serving.setups import ApiSetup


class _Server(uvicorn.Server):
    """Leaves signals alone: the supervisor ends it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve(setup: ApiSetup, connection: Connection) -> None:
    """Answer requests until the supervisor ends this process, or is gone."""
    hear_supervisor(connection)
    listening = socket.socket(fileno=setup.descriptor)
    end_unread_connections(listening)
    with bootstrap.open_workplace(setup.ledger, read_only=setup.options.read_only) as place:
        services = Services(place, place.access, load_secret(place.folder, read_only=setup.options.read_only), setup.options)
        _Server(_config(build_app(services), setup)).run(sockets=[listening])


def _config(app: object, setup: ApiSetup) -> uvicorn.Config:
    """Headers about a proxy's clients are left to the application, which knows whom to believe."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type]  # uvicorn's type for an application is narrower than ASGI
        ssl_certfile=setup.certificate or None,
        ssl_keyfile=setup.key or None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        lifespan="auto",
        timeout_keep_alive=30,
    )
