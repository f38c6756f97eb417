"""A real mail server and a real web hook on this machine, which keep what they get."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class Mailbox:
    """Everything that was mailed."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 taken"

    @property
    def address(self) -> str:
        """Return the target for ``alerts.yaml``, with a password in it, as real ones have."""
        return f"mailto://127.0.0.1:{self.port}/anna@example.org?from=nightshift@example.org"


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    box = Mailbox(_free_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def _free_port() -> int:
    """Return a port that is free this moment: the mail server cannot choose one itself."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@dataclass
class Hook:
    """Everything that was posted; refuses the first few."""

    port: int = 0
    n_refused: int = 0
    refuses: int = 0
    posts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"json://hush:password@127.0.0.1:{self.port}/hook"


@contextmanager
def web_hook(refuses: int = 0) -> Iterator[Hook]:
    """Serve a hook that answers 503 to the first so many posts."""
    hook = Hook(refuses=refuses)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            is_refused = hook.n_refused < hook.refuses
            hook.n_refused += is_refused
            if not is_refused:
                hook.posts.append(content)
            self.send_response(503 if is_refused else 200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()
