"""Safe-stop: make an instrument safe over its own connection, although its engine or a device hangs.

First everything that stops or closes is sent; then the order that keeps the engine from going on; then the instrument process
is killed, so that its plan moves nothing more; then everything is made safe again and stands still. Nightshift is no
protection system: the interlocks that keep people and equipment safe are the facility's.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from orchestrator import processes
from orchestrator.bootstrap import children
from orchestrator.bootstrap.elsewhere import safe_stop_elsewhere
from orchestrator.bootstrap.ordering import order
from orchestrator.bootstrap.reading import find
from orchestrator.bootstrap.safe_stop_report import SafeStopReport
from orchestrator.bootstrap.sentinel_line import ask
from orchestrator.bootstrap.workplace import Workplace
from orchestrator.domain import events as ev
from orchestrator.domain.campaign import Status
from orchestrator.domain.errors import NightshiftError, WrongState
from orchestrator.domain.parts import whole_of
from orchestrator.domain.ports import Command, Holder
from orchestrator.execution.sentinel import Sentinel
from orchestrator.store.holders import is_alive, this_holder

_ISSUE_SECONDS = 3.0
_STILL_SECONDS = 30.0
_LEDGER_SECONDS = 2.0
"""How long a busy ledger may keep the instrument process alive."""


def safe_stop(workplace: Workplace, campaign: str, *, actor: str, note: str = "") -> SafeStopReport:
    """Make a campaign's instrument safe now, whatever its engine does; the campaign stops and can be resumed.

    Args:
        workplace: Where the campaign is.
        campaign: Its id, a unique beginning of it, or ``last``.
        actor: Who wants it.
        note: Why.

    Raises:
        UnknownCampaign: If there is none of that name.
        WrongState: If the campaign is over, or its instrument is another campaign's now.
        InstrumentError: If it runs on another machine and nobody there answers.
    """
    asked_at = time.monotonic()
    campaign = whole_of(find(workplace, campaign))
    found = workplace.ledger.holder(f"campaign:{campaign}")
    holder = None if found is None else found[0]
    if holder is not None and holder.host != this_holder().host:
        return safe_stop_elsewhere(workplace, campaign, actor=actor, note=note, host=holder.host)
    created = _created(workplace, campaign)
    _require_ours(workplace, campaign, created, holder)
    stop = _SafeStop(workplace, campaign, created, holder, actor, note, asked_at)
    stop.issue()
    stop.order_engine()
    stop.kill_instrument()
    stop.wait_until_still()
    return stop.record()


@dataclass(slots=True)
class _SafeStop:
    """One safe-stop under way: whatever cannot be done is noted, and the next step tried."""

    workplace: Workplace
    campaign: str
    created: ev.CampaignCreated
    holder: Holder | None
    actor: str
    note: str
    asked_at: float
    actions: list[str] = field(default_factory=list[str])
    seconds_to_command: float | None = None
    seconds_to_still: float | None = None

    @property
    def _is_reachable(self) -> bool:
        return self.created.instrument.has_second_connection

    @property
    def _cause(self) -> str:
        return f"safe-stop by {self.actor}{': ' if self.note else ''}{self.note}"

    def issue(self) -> None:
        """Send everything that stops or closes over the sentinel's own connection."""
        if not self._is_reachable:
            return
        with self._noting():
            answer = ask(self.workplace.folder, self.campaign, {"do": "halt"}, patience=_ISSUE_SECONDS)
            self.seconds_to_command = answer["at"] - self.asked_at
            self.actions.append("sent stop to everything that moves or exposes")

    def order_engine(self) -> None:
        """Leave the order to stop where the engine finds it when it wakes, and before it hears that its instrument process died."""
        worker = threading.Thread(target=self._noted(self._order_engine), daemon=True)
        worker.start()
        worker.join(_LEDGER_SECONDS)
        if worker.is_alive():
            self.actions.append(f"the ledger did not take the order to stop within {_LEDGER_SECONDS:g} s and is still being asked")

    def _order_engine(self) -> None:
        if self.holder is None or not is_alive(self.holder):
            order(self.workplace, "stop", self.campaign, note=self._cause, actor=self.actor, patience=0.0)
        elif all(command.verb != "stop" for command in self.workplace.ledger.commands(self.campaign)):
            stop = Command(0, self.campaign, datetime.now(UTC), self.actor, "stop", note=self._cause)
            self.workplace.ledger.send(stop)
        self.actions.append("ordered the engine to stop")

    def kill_instrument(self) -> None:
        """End the process that carries out plans; where devices live in that process, so does their motion."""
        holder = self.holder
        if holder is None or holder.instrument_pid is None or holder.instrument_started is None:
            return
        if processes.kill(holder.instrument_pid, holder.instrument_started):
            self.actions.append("killed the instrument process")
            if not self._is_reachable:
                self.seconds_to_command = self.seconds_to_still = self._elapsed()

    def wait_until_still(self) -> None:
        """Make everything safe again: the plan may have sent another motion until its process died."""
        if self._is_reachable and not self._secured_by_sentinel():
            with self._noting():
                self._secure_afresh()

    def _secured_by_sentinel(self) -> bool:
        with self._noting():
            question = {"do": "secure", "cause": self._cause}
            answer = ask(self.workplace.folder, self.campaign, question, patience=_STILL_SECONDS)
            self.actions.extend(answer["actions"])
            self._note_stillness(answer["at"] - self.asked_at)
            return True
        return False

    def _secure_afresh(self) -> None:
        """Connect once more, because the campaign's own sentinel does not answer."""
        if getattr(self.created.spec.instrument, "soft_ioc", False):
            return  # it ended with the engine that had started it
        sentinel = Sentinel(children.start_sentinel(self.created.spec.instrument, self.workplace.folder))
        try:
            self.actions.extend(sentinel.secure(self._cause))
            self._note_stillness(self._elapsed())
        finally:
            sentinel.close()

    def _note_stillness(self, seconds: float) -> None:
        self.seconds_to_still = seconds
        if self.seconds_to_command is None:
            self.seconds_to_command = seconds

    def record(self) -> SafeStopReport:
        """Put into the ledger who did what, and how long it took."""
        stopped = ev.SafeStopped(
            campaign=self.campaign,
            note=self.note,
            actions=tuple(self.actions),
            seconds_to_command=self.seconds_to_command,
            seconds_to_still=self.seconds_to_still,
        )
        with self._noting():
            self.workplace.ledger.append_note("system", ev.Draft(at=datetime.now(UTC), actor=self.actor, data=stopped))
        return SafeStopReport(self.campaign, tuple(self.actions), self.seconds_to_command, self.seconds_to_still)

    def _elapsed(self) -> float:
        return time.monotonic() - self.asked_at

    @contextlib.contextmanager
    def _noting(self) -> Iterator[None]:
        """Note what cannot be done instead of ending for it."""
        try:
            yield
        except (NightshiftError, TimeoutError, EOFError) as error:
            self.actions.append(str(error) or type(error).__name__)

    def _noted(self, work: Callable[[], None]) -> Callable[[], None]:
        def working() -> None:
            with self._noting():
                work()

        return working


def _created(workplace: Workplace, campaign: str) -> ev.CampaignCreated:
    first = workplace.ledger.read(campaign, limit=1)[0].data
    assert isinstance(first, ev.CampaignCreated)
    return first


def _require_ours(workplace: Workplace, campaign: str, created: ev.CampaignCreated, holder: Holder | None) -> None:
    """Refuse where nothing of this campaign can move, or what moves is another campaign's."""
    is_run = holder is not None and is_alive(holder)
    summary = workplace.ledger.summary(campaign)
    if not is_run and summary is not None and summary.status in (Status.COMPLETED, Status.ABORTED):
        raise WrongState(f"{campaign} is {summary.status}, so nothing of it moves; safe-stop the campaign that runs")
    identity = created.instrument.identity
    found = workplace.ledger.holder(f"instrument:{identity}") if identity else None
    if found is not None and is_alive(found[0]) and (holder is None or found[0].pid != holder.pid):
        raise WrongState(f"{identity} is driven by {found[0]} for another campaign, not for {campaign}; safe-stop that one")
