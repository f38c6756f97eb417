"""What runs beside the engines: the API, the alerts where anybody is to be told, and the sender where documents go somewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from orchestrator.alerts.delivery import require_known
from orchestrator.bootstrap import sending
from orchestrator.serving.alerts_process import alert_settings
from orchestrator.serving.listening import listen, require_certificate, require_safe
from orchestrator.serving.order import ServeOrder
from orchestrator.serving.service_keeper import ServiceKeeper
from orchestrator.serving.setups import AlertsSetup, ApiSetup
from orchestrator.serving.starting import alerts_starter, api_starter, sender_starter

Tell = Callable[[str], None]


@contextmanager
def services(order: ServeOrder, tell: Tell, log: int | None = None) -> Iterator[tuple[ServiceKeeper, ...]]:
    """Start the API, and the alerts where some are configured, and end them with the block.

    Args:
        order: Where, and for whom.
        tell: Says a line to people.
        log: Where the services' own log lines go; None for stderr.

    Raises:
        BadInput: If it cannot listen there; nothing was started.
    """
    require_certificate(order.certificate, order.key)
    require_safe(order.host, is_tls=order.certificate is not None, is_behind_proxy=order.is_behind_proxy)
    with listen(order.host, order.port) as listening:
        kept = (*_api(order, listening.fileno(), tell, log), *_alerts(order, tell, log), *_sender(order, tell, log))
        try:
            for service in kept:
                service.look()
            yield kept
        finally:
            for service in kept:
                service.end()


def _api(order: ServeOrder, descriptor: int, tell: Tell, log: int | None) -> tuple[ServiceKeeper, ...]:
    certificate, key = (str(path) if path else "" for path in (order.certificate, order.key))
    return (ServiceKeeper("API", api_starter(ApiSetup(order.ledger, descriptor, order.options, certificate, key), log), tell),)


def _alerts(order: ServeOrder, tell: Tell, log: int | None) -> tuple[ServiceKeeper, ...]:
    """Return the alerts' process where anybody is to be told; a replica leaves that to the server it follows."""
    targets = {} if order.options.read_only else alert_settings(order.ledger).targets
    if not targets:
        return ()
    require_known(targets)
    tell(f"alerts go to {', '.join(targets)}; try them with nightshift alerts test")
    return (ServiceKeeper("alerts", alerts_starter(AlertsSetup(order.ledger, order.url), log), tell),)


def _sender(order: ServeOrder, tell: Tell, log: int | None) -> tuple[ServiceKeeper, ...]:
    """Return the process that sends documents, where the site file says where they go; a replica leaves that to the server it follows."""
    places = None if order.options.read_only else sending.places()
    if places is None:
        return ()
    tell(f"documents go to {' and '.join(places.names)}")
    return (ServiceKeeper("sender of documents", sender_starter(places, order.ledger, log), tell),)
