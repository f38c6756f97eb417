"""What stands where a RunEngine would: it has a queueserver carry the plan out, and passes on its documents."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from instruments.beamline.queued.documents import AttemptDocuments, Documents
from instruments.beamline.queued.server import Declined, QueuedPlan, Server, Silent
from orchestrator.domain.errors import FateUnknown, InstrumentError, NothingMoved

_DOCUMENTS_SECONDS = 5.0
"""How long documents may be on their way once the plan has ended."""

_IDLE_SECONDS = 10.0
"""How long a RunEngine may be idle under a plan that is said to run, before the manager counts as having missed its end."""

_LOOK_SECONDS = 0.5
_LOOK_AGAIN_SECONDS = 0.02
"""Between two looks at the manager, while the plan runs and once its documents are complete."""

Hear = Callable[[str, dict[str, Any]], None]


class QueueEngine:
    """Carries out one plan at a time, as a RunEngine does: called with plan, subscriber and metadata."""

    def __init__(self, server: Server, documents: Documents, look: Callable[[], bool]) -> None:
        """Args: look: Looks whether the queueserver can be used now, and says so where interlocks are watched."""
        self._server = server
        self._documents = documents
        self._look = look
        self._n_changes = 0
        self._own = ""
        self._abort_reason = ""

    @property
    def own(self) -> str:
        """The item that was begun last."""
        return self._own

    def activity(self) -> int:
        """Return a number that grows when a plan begins and when it ends: odd while one runs."""
        return self._n_changes

    def __call__(self, plan: QueuedPlan, hear: Hear | Sequence[Hear], /, **metadata: Any) -> None:
        """Have a plan carried out.

        Raises:
            NothingMoved: If the queueserver could not take it.
            FateUnknown: If what it did, or read, cannot be told.
            InstrumentError: If it failed; says what the queueserver said.
        """
        self._n_changes += 1
        try:
            self._documents.forget()
            heard = AttemptDocuments(metadata["nightshift"], _each(hear))
            self._own = self._begin(plan, metadata)
            self._follow(self._own, heard)
        finally:
            self._abort_reason = ""
            self._n_changes += 1

    def abort(self, reason: str) -> None:
        """End the plan that runs, from another thread; one that only just begins is ended once it runs."""
        self._abort_reason = reason
        self._server.stop(reason, self._own)

    def has_taken(self, attempt: Mapping[str, Any]) -> bool:
        """Return whether the queueserver ever began an attempt; its record outlives this process and the manager's.

        Raises:
            FateUnknown: If it does not answer, or keeps no record that could tell.
        """
        try:
            found = self._look_up(attempt)
            if found is None and not self._server.history():
                raise FateUnknown("the queueserver has no history, so it cannot tell whether it ran this; its Redis may have been emptied")
        except InstrumentError as error:
            raise FateUnknown(str(error)) from None
        return found is not None

    def _look_up(self, attempt: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the item of an attempt, None if there is none; raise InstrumentError if the manager cannot tell."""
        is_starting = self._server.standing().is_starting
        items = (self._server.running(), *reversed(self._server.history()))
        found = next((item for item in items if _is_same(item, attempt)), None)
        if found is None and is_starting:  # an order is answered before its item is on any record
            raise Silent("the queueserver is starting a plan, and does not say yet which.")
        return found

    def _begin(self, plan: QueuedPlan, metadata: Mapping[str, Any]) -> str:
        try:
            return self._server.execute(plan, metadata)
        except Declined as error:
            if not self._look():
                raise NothingMoved(f"the queueserver cannot take a plan now: {error}") from None
            raise InstrumentError(f"the queueserver refuses {plan.name}: {error}") from None
        except Silent:
            return self._find(metadata["nightshift"])

    def _find(self, attempt: Mapping[str, Any]) -> str:
        """Return the item that an order without an answer became: it is never given twice."""
        deadline = time.monotonic() + self._server.settings.patience
        while True:
            try:
                found = self._look_up(attempt)
                break
            except InstrumentError as error:
                self._give_up(deadline, str(error))
        if found is None:
            self._look()
            raise NothingMoved("the queueserver was away when the plan was submitted, and has no record of it")
        return found["item_uid"]

    def _follow(self, uid: str, heard: AttemptDocuments) -> None:
        """Pass documents on until the plan has ended."""
        heard_of_at = at_work_at = time.monotonic()
        looked_at = 0.0
        while True:
            self._take(heard, _LOOK_AGAIN_SECONDS if heard.is_complete else _LOOK_SECONDS / 5)
            if not heard.is_complete and time.monotonic() - looked_at < _LOOK_SECONDS:
                continue
            looked_at = time.monotonic()
            try:
                standing = self._server.standing()
            except Silent as error:
                if self._is_over(heard, heard_of_at + self._server.settings.patience, str(error)):
                    return self._require_all(heard)
                continue
            if standing.running != uid and not standing.is_starting:
                return self._conclude(uid, heard)
            if self._abort_reason:
                self._server.stop(self._abort_reason, uid)
            heard_of_at = looked_at
            at_work_at = at_work_at if standing.is_idle else looked_at
            if looked_at - at_work_at > _IDLE_SECONDS:
                return self._conclude_without_manager(heard)

    def _is_over(self, heard: AttemptDocuments, deadline: float, why: str) -> bool:
        """Return whether a manager was silent for too long, while the documents told all; raise FateUnknown if they did not."""
        if heard.is_complete and time.monotonic() > deadline:
            self._look()
            return True
        self._give_up(deadline, why)
        return False

    def _conclude_without_manager(self, heard: AttemptDocuments) -> None:
        """Go by the documents alone: the RunEngine has ended the plan, and the manager never noticed."""
        self._look()
        if not heard.is_complete:
            raise FateUnknown(
                "the queueserver shows the plan as running, but its RunEngine is idle and its documents are not complete; "
                "it may have lost its Redis: restart its manager (qserver manager kill test)"
            )
        self._require_all(heard)

    def _give_up(self, deadline: float, why: str) -> None:
        """Raise FateUnknown once the manager has been silent for too long; until then wait a little."""
        if time.monotonic() > deadline:
            self._look()
            raise FateUnknown(f"{why} It was silent for {self._server.settings.patience:g} s while the plan ran")
        time.sleep(_LOOK_SECONDS)

    def _take(self, heard: AttemptDocuments, seconds: float) -> None:
        for name, document in self._documents.take(seconds):
            heard.take(name, document)

    def _conclude(self, uid: str, heard: AttemptDocuments) -> None:
        """Return if the documents tell how the plan ended; else ask the queueserver."""
        if not heard.is_complete:
            self._take(heard, _LOOK_SECONDS / 2)
        if not heard.is_complete:
            self._require_success(uid)
            self._wait_for_the_rest(heard)
        self._require_all(heard)

    def _require_all(self, heard: AttemptDocuments) -> None:
        if heard.lost:
            raise FateUnknown(f"{heard.lost} were lost between the queueserver and here; is the network, or the proxy, overloaded?")

    def _require_success(self, uid: str) -> None:
        try:
            outcome = self._server.outcome(uid)
        except InstrumentError as error:
            raise FateUnknown(f"how the plan ended cannot be read: {error}") from None
        match outcome.get("exit_status"):
            case "completed" if not outcome["run_uids"]:
                raise InstrumentError("the plan opened no run")
            case "completed":
                return
            case None | "unknown":
                said = outcome.get("msg") or "it has no record of it"
                raise FateUnknown(f"the queueserver lost sight of the plan: {said}")
            case status:
                raise InstrumentError(f"the queueserver's plan {status}: {outcome.get('msg') or 'no reason given'}")

    def _wait_for_the_rest(self, heard: AttemptDocuments) -> None:
        deadline = time.monotonic() + _DOCUMENTS_SECONDS
        while not heard.is_complete:
            if time.monotonic() > deadline:
                raise FateUnknown(
                    f"the queueserver completed the plan, but its documents did not arrive at {self._documents.address} within "
                    f"{_DOCUMENTS_SECONDS:g} s; is the 0MQ proxy running, and does the profile publish to it?"
                )
            self._take(heard, _LOOK_SECONDS / 5)


def _each(hear: Hear | Sequence[Hear]) -> Hear:
    """Return one who hears for several, as a RunEngine takes them."""
    hearers = [hear] if callable(hear) else list(hear)

    def tell(name: str, document: dict[str, Any]) -> None:
        for one in hearers:
            one(name, document)

    return tell


def _is_same(item: Mapping[str, Any], attempt: Mapping[str, Any]) -> bool:
    said = (item.get("meta") or {}).get("nightshift") if item else None
    return isinstance(said, Mapping) and all(said.get(key) == attempt.get(key) for key in ("campaign", "trial", "attempt"))
