"""Keeps a runner's leases alive while it lives, and leaves behind what a successor must kill."""

import threading
from dataclasses import replace

from orchestrator.domain.errors import LeaseLost, LedgerError
from orchestrator.domain.ports import Holder, Lease, Ledger
from orchestrator.processes import Child
from orchestrator.processes import kill as kill_process

TTL_SECONDS = 10.0
"""How long a silent runner keeps its leases: a successor on another host, or of a frozen process, waits this long."""


class LeaseKeeper:
    """Renews leases from a thread of its own until closed."""

    def __init__(self, ledger: Ledger, holder: Holder) -> None:
        self._ledger = ledger
        self._holder = holder
        self._leases: list[Lease] = []
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._renew_for_ever, name="leases", daemon=True)

    def take(self, name: str, *, take_over: bool = False) -> Lease:
        """Take a lease, killing the instrument process its dead or expired holder left behind.

        Raises:
            Busy: If a living holder has it.
        """
        before = self._ledger.holder(name)
        lease = self._ledger.acquire(name, self._holder, ttl=TTL_SECONDS, take_over=take_over)
        if before is not None:
            _kill_instrument(before[0], self._holder)
        self._leases.append(lease)
        if not self._thread.is_alive():
            self._thread.start()
        return lease

    def instrument_started(self, child: Child) -> None:
        """Write the instrument process into the leases, so that whoever takes over can kill it."""
        self._holder = replace(self._holder, instrument_pid=child.process.pid, instrument_started=child.started)
        for lease in self._leases:
            self._ledger.renew(lease, ttl=TTL_SECONDS, holder=self._holder)

    def give_back(self, lease: Lease) -> None:
        """Stop renewing one lease and give it back."""
        self._leases.remove(lease)
        self._ledger.release(lease)

    def require(self) -> None:
        """Raise LeaseLost if somebody else has one of our leases now. A ledger that does not answer takes nothing from us."""
        for lease in self._leases:
            try:
                self._ledger.renew(lease, ttl=TTL_SECONDS, holder=self._holder)
            except LeaseLost:
                raise
            except LedgerError:
                continue

    def close(self) -> None:
        """Stop renewing and give the leases back."""
        self._closed.set()
        if self._thread.is_alive():
            self._thread.join()
        for lease in self._leases:
            self._ledger.release(lease)

    def _renew_for_ever(self) -> None:
        while not self._closed.wait(TTL_SECONDS / 4):
            for lease in tuple(self._leases):
                try:
                    self._ledger.renew(lease, ttl=TTL_SECONDS, holder=self._holder)
                except LeaseLost:
                    return  # the next append is refused, which is where the engine learns of it
                except LedgerError:
                    continue  # a busy or full disk now may not be one in a moment


def _kill_instrument(previous: Holder, us: Holder) -> None:
    if previous.instrument_pid is None or previous.instrument_started is None:
        return
    if (previous.host, previous.boot_id) == (us.host, us.boot_id):
        kill_process(previous.instrument_pid, previous.instrument_started)
