"""A bluesky-queueserver, asked with deadlines: every answer comes in time or as an error that names the address."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from instruments.beamline.model import Queueserver
from orchestrator.domain.errors import InstrumentError

ANSWER_SECONDS = 2.0
STOP_SECONDS = 6.0
"""How long a plan may take to pause and end, before it counts as not stopped."""

_POLL_SECONDS = 0.05


class Silent(InstrumentError):
    """The manager did not answer: whether it took an order is not known."""


class Declined(InstrumentError):
    """The manager answered, and will not do it."""


@dataclass(frozen=True, slots=True)
class QueuedPlan:
    """A call of a plan, devices by name: what a queueserver calls an item."""

    name: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Standing:
    """What the manager says of itself."""

    state: str
    is_open: bool
    """Whether the environment exists, which holds the profile and its RunEngine."""
    running: str | None
    """The item that runs."""


class Server:
    """The manager's orders and answers. Any thread may ask; one is asked at a time."""

    def __init__(self, settings: Queueserver) -> None:
        """Raises InstrumentError if the client library is not installed."""
        self.settings = settings
        self._lock = threading.Lock()
        self._api = _api(settings)

    def standing(self) -> Standing:
        """Raises Silent."""
        told = self._ask(lambda api: api.status(reload=True))
        return Standing(told["manager_state"], bool(told["worker_environment_exists"]), told["running_item_uid"])

    def plans(self) -> Mapping[str, Any]:
        """Return what the user group may call, as the queueserver describes it. Raises Silent, Declined."""
        return self._ask(lambda api: api.plans_allowed(reload=True))["plans_allowed"]

    def execute(self, plan: QueuedPlan, metadata: Mapping[str, Any]) -> str:
        """Begin a plan at once, whatever waits in the queue; return the item's id.

        Raises:
            Silent: If it may or may not have begun.
            Declined: If it has not.
        """
        item = {"item_type": "plan", "name": plan.name, "args": list(plan.args), "kwargs": dict(plan.kwargs), "meta": dict(metadata)}
        return self._ask(lambda api: api.item_execute(item))["item"]["item_uid"]

    def running(self) -> Mapping[str, Any]:
        """Return the item that runs; empty for none. Raises Silent."""
        return self._ask(lambda api: api.queue_get(reload=True))["running_item"] or {}

    def history(self) -> tuple[Mapping[str, Any], ...]:
        """Return what ran, oldest first: all of it, for the manager knows no shorter answer. Raises Silent."""
        return tuple(self._ask(lambda api: api.history_get(reload=True))["items"])

    def outcome(self, uid: str) -> Mapping[str, Any]:
        """Return how an item ended; empty if it is not on record. Raises Silent."""
        return next((item["result"] for item in reversed(self.history()) if item["item_uid"] == uid), {})

    def halt(self) -> None:
        """Tell whatever plan runs to pause, whoever's it is, and wait for nothing; ``stop`` follows."""
        self._order(lambda api: api.re_pause("immediate"))

    def stop(self, reason: str) -> str:
        """End the plan that runs if it is one of Nightshift's; return what was done, in a phrase, empty for nothing."""
        try:
            item = self.running()
            if not item:
                return ""
            if "nightshift" not in item.get("meta", {}):
                return f"left the queueserver's plan {described(item)} alone"
            return f"ended the queueserver's plan {item['name']}" if self._abort(item["item_uid"]) else _still_runs(item)
        except InstrumentError as error:
            return f"not ended what the queueserver runs ({reason}): {error}"

    def _abort(self, uid: str) -> bool:
        deadline = time.monotonic() + STOP_SECONDS
        while (standing := self.standing()).running == uid:
            if time.monotonic() > deadline:
                return False
            if standing.state == "paused":
                self._order(lambda api: api.re_abort())
            elif standing.state == "executing_queue":
                self._order(lambda api: api.re_pause("immediate"))
            time.sleep(_POLL_SECONDS)
        return True

    def _order(self, order: Callable[[Any], Any]) -> None:
        """Give an order that may come too early or too late: it is given again until the state has changed."""
        try:
            self._ask(order)
        except Declined:
            return

    def _ask(self, question: Callable[[Any], Any]) -> Any:
        with self._lock:
            try:
                return question(self._api)
            except self._api.RequestFailedError as error:
                raise Declined(" ".join(str(error).removeprefix("Request failed: ").split())) from None
            except Exception as error:  # timeouts, and whatever 0MQ raises while nobody listens
                raise Silent(f"the queueserver at {self.settings.control} does not answer ({_first_line(error)}); is it running?") from None

    def close(self) -> None:
        with self._lock:
            self._api.close()


def described(item: Mapping[str, Any]) -> str:
    """Return an item as people know it: plan and user."""
    return f"{item.get('name', '?')} of {item.get('user', 'somebody')}"


def _still_runs(item: Mapping[str, Any]) -> str:
    return f"the queueserver's plan {item['name']} still runs {STOP_SECONDS:g} s after it was told to end"


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:160] if str(error).strip() else type(error).__name__


def _api(settings: Queueserver) -> Any:
    try:
        from bluesky_queueserver_api.zmq import REManagerAPI  # type: ignore[import-not-found]  # optional
    except ImportError:
        raise InstrumentError("a queueserver needs its client library: pip install 'nightshift[queueserver]'") from None
    api: Any = REManagerAPI(
        zmq_control_addr=settings.control,
        zmq_info_addr=settings.info,
        zmq_public_key=settings.public_key,
        timeout_recv=ANSWER_SECONDS,
        timeout_send=ANSWER_SECONDS / 4,
    )
    api.user, api.user_group = settings.user, settings.group
    return api
