"""``nightshift serve``: the API, the alerts and the supervisor's engines, from start to a safe end."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from orchestrator.api.options import ServeOptions
from orchestrator.bootstrap import Workplace, open_workplace
from orchestrator.domain.errors import NightshiftError
from orchestrator.serving.alerts_process import alert_settings
from orchestrator.serving.links import LINK_MINUTES, new_link
from orchestrator.serving.listening import Address, listen, require_certificate, require_safe
from orchestrator.serving.service_keeper import ServiceKeeper
from orchestrator.serving.setups import AlertsSetup, ApiSetup
from orchestrator.serving.starting import alerts_starter, api_starter, engine_starter
from orchestrator.serving.supervisor import POLL_SECONDS, Supervisor

_SECOND_THOUGHTS_S = 5.0
"""Within this time a second Ctrl-C means it."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ServeOrder:
    """What ``nightshift serve`` was asked for."""

    ledger: str | None
    options: ServeOptions
    host: str = "127.0.0.1"
    port: int = 8088
    certificate: Path | None = None
    key: Path | None = None
    is_behind_proxy: bool = False

    @property
    def url(self) -> str:
        """Return where browsers find it."""
        return self.options.origins[0] if self.options.origins else Address(self.host, self.port, self.certificate is not None).url


class Wishes:
    """What people want of the server, from signal handlers: those write nothing, they only remember."""

    def __init__(self) -> None:
        self.has_ended = threading.Event()
        self.wants_link = threading.Event()
        self._n_interrupts = 0
        self._interrupted_at = -_SECOND_THOUGHTS_S

    def interrupt(self) -> None:
        now = time.monotonic()
        is_second = now - self._interrupted_at < _SECOND_THOUGHTS_S
        self._interrupted_at = now
        self._n_interrupts += 1
        if is_second:
            self.has_ended.set()

    @property
    def n_interrupts(self) -> int:
        return self._n_interrupts


@contextmanager
def services(order: ServeOrder, tell: Tell) -> Iterator[tuple[ServiceKeeper, ...]]:
    """Start the API, and the alerts where some are configured, and end them with the block.

    Raises:
        BadInput: If it cannot listen there; nothing was started.
    """
    require_certificate(order.certificate, order.key)
    require_safe(order.host, is_tls=order.certificate is not None, is_behind_proxy=order.is_behind_proxy)
    with listen(order.host, order.port) as listening:
        kept = (*_api(order, listening.fileno(), tell), *_alerts(order, tell))
        try:
            for service in kept:
                service.look()
            yield kept
        finally:
            for service in kept:
                service.end()


def _api(order: ServeOrder, descriptor: int, tell: Tell) -> tuple[ServiceKeeper, ...]:
    certificate, key = (str(path) if path else "" for path in (order.certificate, order.key))
    return (ServiceKeeper("API", api_starter(ApiSetup(order.ledger, descriptor, order.options, certificate, key)), tell),)


def _alerts(order: ServeOrder, tell: Tell) -> tuple[ServiceKeeper, ...]:
    """Return the alerts' process where anybody is to be told; a replica leaves that to the server it follows."""
    targets = () if order.options.read_only else tuple(alert_settings(order.ledger).targets)
    if not targets:
        return ()
    tell(f"alerts go to {', '.join(targets)}; try them with nightshift alerts test")
    return (ServiceKeeper("alerts", alerts_starter(AlertsSetup(order.ledger, order.url)), tell),)


def serve(order: ServeOrder, tell: Tell) -> None:
    """Serve until told to end. Only for the main thread.

    Raises:
        BadInput: If it cannot listen there, or the ledger cannot be opened.
    """
    wishes = Wishes()
    with open_workplace(order.ledger, read_only=order.options.read_only) as place, services(order, tell) as kept, obeying(wishes):
        supervisor = None if order.options.read_only else Supervisor(place, engine_starter(order.ledger), tell)
        tell(f"serving {place.url} at {order.url}" + (", read-only" if order.options.read_only else ""))
        tell_link(place, order, tell)
        try:
            _loop(kept, supervisor, wishes, tell, lambda: tell_link(place, order, tell))
        finally:
            if supervisor is not None:
                supervisor.end()


def _loop(
    kept: tuple[ServiceKeeper, ...], supervisor: Supervisor | None, wishes: Wishes, tell: Tell, tell_link: Callable[[], None]
) -> None:
    n_interrupts = 0
    while not wishes.has_ended.wait(POLL_SECONDS):
        for service in kept:
            service.look()
        if supervisor is not None:
            supervisor.step()
        if wishes.wants_link.is_set():
            wishes.wants_link.clear()
            tell_link()
        if wishes.n_interrupts > n_interrupts:
            n_interrupts = wishes.n_interrupts
            if not _is_asked_back(supervisor, tell):
                break
    if supervisor is not None and supervisor.running:
        tell(f"stopping {_counted(supervisor)} safely; resume later, here or with nightshift resume")
        supervisor.stop_all()
    tell("the server has ended")


def _is_asked_back(supervisor: Supervisor | None, tell: Tell) -> bool:
    """Return whether campaigns run, so that one Ctrl-C is not enough."""
    if supervisor is None or not supervisor.running:
        return False
    verb, them = ("runs", "it") if len(supervisor.running) == 1 else ("run", "them")
    tell(f"{_counted(supervisor)} {verb}; Ctrl-C again within {_SECOND_THOUGHTS_S:g} s stops {them} safely")
    return True


def _counted(supervisor: Supervisor) -> str:
    n = len(supervisor.running)
    return "1 campaign" if n == 1 else f"{n} campaigns"


def tell_link(place: Workplace, order: ServeOrder, tell: Tell) -> None:
    """Say how to log in. A replica's records cannot be written, so there only keys work."""
    if order.options.read_only:
        tell(f"log in at {order.url} with a key; keys come with the replica")
        return
    try:
        link = new_link(place.access, order.url)
    except NightshiftError as error:
        tell(f"no login link: {error}")
    else:
        tell(f"open {link}")
        tell(f"  it logs one browser in, once, within {LINK_MINUTES} min; for another one: kill -USR1 {os.getpid()}")


@contextmanager
def obeying(wishes: Wishes) -> Iterator[None]:
    """Turn signals into wishes while the block runs: Ctrl-C twice, or SIGTERM once, ends; a closed terminal changes nothing."""

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        wishes.interrupt()

    def terminated(_number: int, _frame: FrameType | None) -> None:
        wishes.has_ended.set()

    def asked_for_link(_number: int, _frame: FrameType | None) -> None:
        wishes.wants_link.set()

    handlers = {signal.SIGINT: interrupted, signal.SIGTERM: terminated, signal.SIGHUP: signal.SIG_IGN, signal.SIGUSR1: asked_for_link}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            with suppress(TypeError):  # a handler that was not installed from Python cannot be put back
                signal.signal(number, handler)
