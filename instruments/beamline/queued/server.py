"""A bluesky-queueserver, asked with deadlines: every answer comes in time or as an error that names the address.

The requests are its documented JSON over 0MQ, each over a connection of its own: what a dead manager left behind ends with it.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from instruments.beamline.model import Queueserver
from orchestrator.domain.errors import InstrumentError
from orchestrator.wording.installing import how_to_install

ANSWER_SECONDS = 2.0
EXECUTE_SECONDS = 10.0
"""The first order after a start takes the manager about 1.5 s on a quiet machine."""

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
    is_idle: bool = False
    """Whether the RunEngine does nothing. While an item is said to run, the manager has missed its end: it had lost its Redis."""
    is_locked: bool = False
    """Whether somebody has locked the environment: no order is taken without the key."""

    @property
    def is_starting(self) -> bool:
        """Whether an order has been taken that is not yet the running item."""
        return self.state == "starting_queue"


class Server:
    """The manager's orders and answers. Any thread may ask."""

    def __init__(self, settings: Queueserver) -> None:
        self.settings = settings

    def standing(self) -> Standing:
        """Raises Silent."""
        return _standing(self._ask("status"))

    def plans(self) -> Mapping[str, Any]:
        """Return what the user group may call, as the queueserver describes it. Raises Silent, Declined."""
        return self._ask("plans_allowed", user_group=self.settings.group)["plans_allowed"]

    def execute(self, plan: QueuedPlan, metadata: Mapping[str, Any]) -> str:
        """Begin a plan at once, whatever waits in the queue; return the item's id.

        Raises:
            Silent: If it may or may not have begun.
            Declined: If it has not.
        """
        item = {"item_type": "plan", "name": plan.name, "args": list(plan.args), "kwargs": dict(plan.kwargs), "meta": dict(metadata)}
        order = {"item": item, "user": self.settings.user, "user_group": self.settings.group}
        answer = self._ask("queue_item_execute", EXECUTE_SECONDS, **order)
        return answer["item"]["item_uid"]

    def running(self) -> Mapping[str, Any]:
        """Return the item that runs; empty for none. Raises Silent."""
        return self._ask("queue_get").get("running_item") or {}

    def history(self) -> tuple[Mapping[str, Any], ...]:
        """Return what ran, oldest first: all of it, for the manager knows no shorter answer. Raises Silent."""
        return tuple(self._ask("history_get")["items"])

    def outcome(self, uid: str) -> Mapping[str, Any]:
        """Return how an item ended; empty if it is not on record. Raises Silent."""
        return next((item["result"] for item in reversed(self.history()) if item["item_uid"] == uid), {})

    def halt(self) -> None:
        """Tell whatever plan runs to pause, whoever's it is, and wait for nothing; ``stop`` follows."""
        self._order("re_pause", option="immediate")

    def stop(self, reason: str, own: str = "") -> str:
        """End the plan that runs if it is one of Nightshift's; return what was done, in a phrase, empty for nothing.

        Args:
            reason: Why.
            own: An item known to be Nightshift's, should the manager not be able to say whose it is.
        """
        try:
            uid = self._started()
            return self._end(uid, own) if uid else ""
        except InstrumentError as error:
            return f"not ended what the queueserver runs ({reason}): {error}"

    def _started(self) -> str | None:
        """Return the item that runs, once a start under way has come to something."""
        deadline = time.monotonic() + STOP_SECONDS
        while (standing := self.standing()).is_starting and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
        return standing.running

    def _end(self, uid: str, own: str) -> str:
        try:
            item = self.running()
        except Declined as error:  # its Redis is gone; orders still reach the RunEngine
            return self._end_unread(uid, own, error)
        if item and "nightshift" not in item.get("meta", {}):
            return f"left the queueserver's plan {described(item)} alone"
        return self._abort(item["item_uid"], item["name"]) if item else ""

    def _end_unread(self, uid: str, own: str, error: Declined) -> str:
        if uid == own:
            return self._abort(uid, uid)
        self.halt()
        return f"paused what the queueserver runs, which cannot say whose plan that is: {error}"

    def _abort(self, uid: str, name: str) -> str:
        deadline, said = time.monotonic() + STOP_SECONDS, ""
        while (standing := self.standing()).running == uid:
            if time.monotonic() > deadline:
                return _not_ended(name, said, standing.is_idle)
            if standing.state == "paused":
                said = self._order("re_abort")
            elif standing.state == "executing_queue":
                said = self._order("re_pause", option="immediate")
            time.sleep(_POLL_SECONDS)
        return f"ended the queueserver's plan {name}"

    def _order(self, method: str, **parameters: Any) -> str:
        """Give an order that may come too early or too late, and is then given again; return why it was declined, if it was."""
        try:
            self._ask(method, **parameters)
        except Declined as error:
            return str(error)
        return ""

    def _ask(self, method: str, seconds: float = ANSWER_SECONDS, /, **parameters: Any) -> Mapping[str, Any]:
        answer = ask(self.settings.control, method, parameters, self.settings.public_key, seconds)
        if answer.get("success") is False:
            raise Declined(" ".join(str(answer.get("msg")).split()))
        return answer


def ask(
    address: str, method: str, parameters: Mapping[str, Any], public_key: str | None = None, seconds: float = ANSWER_SECONDS
) -> Mapping[str, Any]:
    """Send one request over a connection of its own and return the answer.

    Raises:
        Silent: If none comes in time.
        InstrumentError: If 0MQ is not installed.
    """
    try:
        import zmq
    except ImportError:
        raise InstrumentError(f"a queueserver is reached over 0MQ; {how_to_install('queueserver')}") from None
    with zmq.Context() as context, context.socket(zmq.REQ) as socket:
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.RCVTIMEO, int(1000 * seconds))
        socket.setsockopt(zmq.SNDTIMEO, int(1000 * seconds))
        if public_key is not None:
            socket.curve_publickey, socket.curve_secretkey = zmq.curve_keypair()
            socket.curve_serverkey = public_key.encode()
        try:
            socket.connect(address)
            socket.send_json({"method": method, "params": dict(parameters)})
            answer: Any = socket.recv_json()
        except (zmq.ZMQError, ValueError) as error:
            raise Silent(f"the queueserver at {address} does not answer within {seconds:g} s ({error}); is it running?") from None
    return answer


def _standing(told: Mapping[str, Any]) -> Standing:
    return Standing(
        state=str(told.get("manager_state")),
        is_open=bool(told.get("worker_environment_exists")),
        running=told.get("running_item_uid"),
        is_idle=told.get("re_state") == "idle",
        is_locked=bool((told.get("lock") or {}).get("environment")),
    )


def described(item: Mapping[str, Any]) -> str:
    """Return an item as people know it: plan and user."""
    return f"{item.get('name', '?')} of {item.get('user', 'somebody')}"


def _not_ended(name: str, said: str, is_idle: bool) -> str:
    if is_idle:
        return f"the queueserver shows its plan {name} as running, but its RunEngine is idle"
    return f"the queueserver's plan {name} still runs {STOP_SECONDS:g} s after it was told to end{said and f' ({said})'}"
