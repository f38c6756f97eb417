"""The real application behind a real socket, in a thread of the test's own process."""

import hashlib
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import uvicorn

from orchestrator.api import app as application
from orchestrator.api.services import Services
from orchestrator.api.streams.hub import Hub
from orchestrator.api.streams.sockets import end_unread_connections
from orchestrator.bootstrap import Workplace
from orchestrator.client import NightshiftClient
from orchestrator.domain.access import ApiKey, Role

_SECONDS = 20.0


@contextmanager
def served(workplace: Workplace, streams: Hub | None = None) -> Iterator[str]:
    """Serve a workplace on a free port while the block runs, and yield the address."""
    services = Services(workplace, workplace.access, secret=secrets.token_bytes(32), streams=streams or Hub())
    config = uvicorn.Config(application.build_app(services), log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        end_unread_connections(listening, services.streams.patience)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            _wait_for(server, thread)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(_SECONDS)


def _wait_for(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _SECONDS
    while not server.started:
        assert thread.is_alive(), "the server ended before it began"
        assert time.monotonic() < deadline, "the server did not begin"
        time.sleep(0.01)


def make_key(workplace: Workplace, role: Role, name: str = "anna") -> str:
    """Return a new key, as ``nightshift keys create`` shows it."""
    id, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    hashed = hashlib.sha256(secret.encode()).hexdigest()
    workplace.access.add_key(
        ApiKey(id=id, name=name, role=role, secret_sha256=hashed, created_by="human:test", created_at=datetime.now(UTC))
    )
    return f"ns_{id}_{secret}"


def client_for(workplace: Workplace, url: str, role: Role = Role.OPERATOR, name: str = "anna") -> NightshiftClient:
    return NightshiftClient(url, make_key(workplace, role, name))
