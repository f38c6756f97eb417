"""The supervisor: starts an engine for whoever asks, another when one dies, and stops them safely at the end."""

import contextlib
import threading
import time
from collections.abc import Callable

from orchestrator.bootstrap import Workplace, has_runner, order, safe_stop, supervising
from orchestrator.bootstrap.lease_keeper import TTL_SECONDS
from orchestrator.domain.campaign import Status
from orchestrator.domain.errors import Busy, LeaseLost, LedgerError, NightshiftError
from orchestrator.domain.ports import Command
from orchestrator.serving.engine_keeper import EngineKeeper, StartEngine
from orchestrator.store.holders import is_alive, this_holder

POLL_SECONDS = 0.2
_ADOPT_SECONDS = 3.0
_STARTING_SECONDS = 60.0
_STOP_SECONDS = 60.0
"""How long an engine may take to stop safely before its campaign is safe-stopped and it is killed."""


class Supervisor:
    """Looks after campaigns on this machine. Everything happens in the thread that calls ``step``, which must be the main one."""

    def __init__(self, workplace: Workplace, start_engine: StartEngine, tell: Callable[[str], None], *, only: str | None = None) -> None:
        """Look after nothing yet.

        Args:
            workplace: Whose campaigns.
            start_engine: Starts an engine's process.
            tell: Says a line to people.
            only: Look after this campaign and leave all others alone.
        """
        self._only = only
        self._workplace = workplace
        self._start_engine = start_engine
        self._tell = tell
        self._holder = this_holder()
        self._kept: dict[str, EngineKeeper] = {}
        self._safe_stops: dict[int, threading.Thread] = {}
        self._next_renewal = self._next_adoption = 0.0
        self._is_stopping = False

    @property
    def running(self) -> tuple[str, ...]:
        """The campaigns whose engines live."""
        return tuple(campaign for campaign, kept in self._kept.items() if kept.child is not None)

    def keeper(self, campaign: str) -> EngineKeeper | None:
        """Return what looks after a campaign; None once that is over."""
        return self._kept.get(campaign)

    def step(self) -> None:
        """Do what is due now. A ledger that does not answer this moment is asked again in the next."""
        try:
            self._step()
        except LedgerError as error:
            self._tell(f"the ledger did not answer: {error}")

    def _step(self) -> None:
        for kept in tuple(self._kept.values()):
            kept.look()
        self._let_go()
        self._renew()
        for command in self._workplace.ledger.inbox():
            if self._only in (None, command.campaign):
                self._take(command)
        if self._only is None and not self._is_stopping and time.monotonic() >= self._next_adoption:
            self._next_adoption = time.monotonic() + _ADOPT_SECONDS
            self._adopt()

    def stop_all(self) -> None:
        """Have every campaign stopped safely, and return once all engines have ended."""
        self.begin_to_stop()
        deadline = time.monotonic() + _STOP_SECONDS
        while self.running and time.monotonic() < deadline:
            self.step()
            time.sleep(POLL_SECONDS)
        for campaign in self.running:
            self._tell(f"{campaign}: its engine did not stop within {_STOP_SECONDS:g} s; safe-stop, then kill")
            self._stop_from_outside(campaign, supervising.ACTOR, "its engine did not stop")
        self.end()

    def begin_to_stop(self, actor: str = supervising.ACTOR, why: str = "the server was ended") -> None:
        """Order every campaign to stop, in the ledger and over its engine's pipe; start nothing any more."""
        self._is_stopping = True
        for campaign, kept in self._kept.items():
            self._order_stop(campaign, actor, why)
            kept.stop()

    def end(self) -> None:
        """End every engine that still runs, and look after nothing any more."""
        for kept in self._kept.values():
            kept.end()
        with contextlib.suppress(LedgerError):
            self._let_go()

    def keep(self, campaign: str, because: str = "") -> bool:
        """Look after a campaign and start its engine; return false if another supervisor does so."""
        try:
            lease = self._workplace.ledger.acquire(f"supervise:{campaign}", self._holder, ttl=TTL_SECONDS, take_over=True)
        except Busy:
            return False
        self._kept[campaign] = EngineKeeper(campaign, lease, self._workplace, self._start_engine, self._tell)
        self._kept[campaign].start(because)
        return True

    def _take(self, command: Command) -> None:
        match command.verb:
            case "start" | "resume" if not self._is_stopping:
                self._begin(command)
            case "safe-stop" if command.id not in self._safe_stops:
                self._take_safe_stop(command)
            case _:
                pass

    def _begin(self, command: Command) -> None:
        """Start an engine if nobody runs the campaign; the engine itself turns the command into events."""
        campaign, kept = command.campaign, self._kept.get(command.campaign)
        if has_runner(self._workplace, campaign):
            return
        if kept is not None:
            self._begin_again(kept, command)
            return
        summary = self._workplace.ledger.summary(campaign)
        if summary is None or summary.status in (Status.COMPLETED, Status.ABORTED):
            self._workplace.ledger.finish(command)
        elif any(waiting.id == command.id for waiting in self._workplace.ledger.commands(campaign)) and self.keep(campaign):
            self._kept[campaign].asked_by.add(command.id)

    def _begin_again(self, kept: EngineKeeper, command: Command) -> None:
        """Help a campaign whose engine is to be started later, or hangs, when a person asks once more."""
        is_new = command.id not in kept.asked_by
        kept.asked_by.add(command.id)
        if kept.child is None and is_new:
            kept.begin_again("")
        elif kept.child is not None and time.time() - kept.child.started > _STARTING_SECONDS:
            self._forget_stops_before(command)
            kept.begin_again("the runner before hung and was killed; the supervisor started another")

    def _forget_stops_before(self, command: Command) -> None:
        """A stop that a hanging engine never took is not meant for the runner that somebody asked for afterwards."""
        for waiting in self._workplace.ledger.commands(command.campaign):
            if waiting.verb == "stop" and waiting.id < command.id:
                self._workplace.ledger.finish(waiting)

    def _adopt(self) -> None:
        """Go on with campaigns whose supervisor, on this machine, died."""
        for summary in self._workplace.ledger.summaries():
            is_under_way = summary.status in (Status.RUNNING, Status.HELD, Status.PAUSED)
            if is_under_way and summary.campaign not in self._kept and self._is_orphaned(summary.campaign):
                self.keep(summary.campaign, "the server before ended without a word; another one went on")

    def _is_orphaned(self, campaign: str) -> bool:
        found = self._workplace.ledger.holder(f"supervise:{campaign}")
        is_dead = found is not None and found[0].host == self._holder.host and not is_alive(found[0])
        return is_dead and not has_runner(self._workplace, campaign)

    def _let_go(self) -> None:
        for campaign, kept in tuple(self._kept.items()):
            if kept.is_over:
                del self._kept[campaign]
                self._workplace.ledger.release(kept.lease)

    def _renew(self) -> None:
        if time.monotonic() < self._next_renewal:
            return
        self._next_renewal = time.monotonic() + TTL_SECONDS / 4
        for kept in self._kept.values():
            try:
                self._workplace.ledger.renew(kept.lease, ttl=TTL_SECONDS)
            except LeaseLost:
                # We were silent for long and another supervisor took over; the campaign's own lease says who may go on.
                self._tell(f"{kept.campaign}: looked after by another server now")
                kept.end()

    def _order_stop(self, campaign: str, actor: str, why: str) -> None:
        try:
            order(self._workplace, "stop", campaign, note=why, actor=actor, patience=0.0)
        except NightshiftError as error:
            self._tell(f"{campaign}: {error}")

    def _take_safe_stop(self, command: Command) -> None:
        """Carry it out in a thread, so that nothing here waits for a device; leave it to the machine the campaign runs on."""
        found = self._workplace.ledger.holder(f"campaign:{command.campaign}")
        if found is not None and found[0].host != self._holder.host:
            return
        thread = threading.Thread(target=self._carry_out_safe_stop, args=(command,), daemon=True)
        self._safe_stops[command.id] = thread
        thread.start()

    def _carry_out_safe_stop(self, command: Command) -> None:
        self._stop_from_outside(command.campaign, command.actor, command.note)
        self._workplace.ledger.finish(command)

    def _stop_from_outside(self, campaign: str, actor: str, note: str) -> None:
        try:
            report = safe_stop.safe_stop(self._workplace, campaign, actor=actor, note=note)
        except NightshiftError as error:
            self._tell(f"{campaign}: safe-stop failed: {error}")
        else:
            self._tell(f"{campaign}: safe-stop by {actor}: {report.text}")
