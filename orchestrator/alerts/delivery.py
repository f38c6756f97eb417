"""Sending: each target has a thread of its own, so that one that does not answer keeps nobody else waiting."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import structlog
from pydantic import SecretStr

from orchestrator.alerts.messages import Message
from orchestrator.domain.errors import BadInput

_log = structlog.get_logger(__name__)

PAUSES_S = (0.0, 5.0, 30.0, 120.0, 600.0, 1800.0)
"""Before each try."""


class Send(Protocol):
    """Sends a message to one address; returns whether it was taken."""

    def __call__(self, address: str, message: Message) -> bool: ...


def send_with_apprise(address: str, message: Message) -> bool:
    """Send a message, with its pictures as attachments where the service takes any."""
    from apprise import Apprise, AppriseAttachment, NotifyFormat

    service = Apprise()
    if not service.add(address):
        return False
    with TemporaryDirectory() as folder:
        for picture in message.pictures:
            Path(folder, picture.name).write_bytes(picture.content)
        files = AppriseAttachment([str(Path(folder, picture.name)) for picture in message.pictures])
        return bool(service.notify(title=message.title, body=message.body, body_format=NotifyFormat.TEXT, attach=files or None))


def require_known(targets: Mapping[str, SecretStr]) -> None:
    """Raise BadInput for an address that no service is known for; names the target, never the address."""
    from apprise import Apprise

    for name, address in targets.items():
        if not Apprise().add(address.get_secret_value()):
            raise BadInput(
                f"alerts: the address of target {name} is none that Apprise understands; "
                "write it as mailto://…, ntfy://…, slack://… or json://…, see docs/how-to/get-alerts.md"
            )


class Post:
    """Delivers messages to named targets, each in order, and tries again for a while."""

    def __init__(self, targets: Mapping[str, SecretStr], send: Send = send_with_apprise, pauses: tuple[float, ...] = PAUSES_S) -> None:
        self._targets = targets
        self._send = send
        self._pauses = pauses
        self._ended = threading.Event()
        self._threads = {name: ThreadPoolExecutor(1, thread_name_prefix=f"alert-{name}") for name in targets}

    def deliver(self, target: str, message: Message, done: Callable[[bool], None]) -> None:
        """Send in the background, and say at last whether it was taken; nothing is said once the post is closed."""
        self._threads[target].submit(self._try, target, message, done)

    def _try(self, target: str, message: Message, done: Callable[[bool], None]) -> None:
        for n_failures, pause in enumerate(self._pauses):
            if self._ended.wait(pause):
                return
            if self._attempt(target, message):
                done(True)
                return
            _log.warning("an alert was not taken", target=target, title=message.title, n_failures=n_failures + 1)
        done(False)

    def _attempt(self, target: str, message: Message) -> bool:
        """Send once. Whatever a service's library raises must not end this target's thread."""
        try:
            return self._send(self._targets[target].get_secret_value(), message)
        except Exception as error:
            _log.warning("an alert could not be sent", target=target, error=type(error).__name__)
            return False

    def close(self) -> None:
        """End; what waits for its next try is given up without a word."""
        self._ended.set()
        for thread in self._threads.values():
            thread.shutdown(wait=False, cancel_futures=True)
