"""``nightshift serve``: the API, the alerts and the supervisor's engines, from start to a safe end."""

from collections.abc import Callable

from orchestrator.bootstrap import open_workplace
from orchestrator.serving.links import tell_link
from orchestrator.serving.order import ServeOrder
from orchestrator.serving.service_keeper import ServiceKeeper
from orchestrator.serving.services import Tell, services
from orchestrator.serving.starting import engine_starter
from orchestrator.serving.supervisor import POLL_SECONDS, Supervisor
from orchestrator.serving.wishes import SECOND_THOUGHTS_S, Wishes, obeying


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
    tell(f"{_counted(supervisor)} {verb}; Ctrl-C again within {SECOND_THOUGHTS_S:g} s stops {them} safely")
    return True


def _counted(supervisor: Supervisor) -> str:
    n = len(supervisor.running)
    return "1 campaign" if n == 1 else f"{n} campaigns"
