"""A connected instrument, and the leases without which it must not move."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from orchestrator import plugins
from orchestrator.bootstrap import children
from orchestrator.bootstrap.lease_keeper import LeaseKeeper
from orchestrator.bootstrap.workplace import Workplace
from orchestrator.domain.instrument import InstrumentDescription
from orchestrator.domain.ports import Lease
from orchestrator.domain.spec import CampaignSpec, Plugin
from orchestrator.execution.executor import ANSWER_SECONDS, ProcessExecutor
from orchestrator.execution.sentinel import Sentinel
from orchestrator.preflight import fitted
from orchestrator.store.holders import this_holder


class Holding(Protocol):
    """What it takes to drive a campaign: the right to append, the right to move, and what moves."""

    executor: ProcessExecutor
    description: InstrumentDescription
    campaign_lease: Lease
    instrument_lease: Lease


@dataclass(slots=True)
class PartRig:
    """The whole's instrument, lent to one of its parts."""

    executor: ProcessExecutor
    description: InstrumentDescription
    """Fitted to the part."""
    campaign_lease: Lease
    instrument_lease: Lease


class Rig:
    """What a runner holds while it drives a campaign; everything is given back, newest first, when the stack closes.

    A new campaign connects first, to be refused before anything is recorded. A resumed one takes its leases first,
    because the runner before may have left a process that still moves.
    """

    executor: ProcessExecutor
    description: InstrumentDescription
    """Fitted to the campaign."""
    campaign_lease: Lease
    instrument_lease: Lease

    def __init__(self, workplace: Workplace, campaign: str, spec: CampaignSpec, stack: ExitStack, spool: Path | None = None) -> None:
        """Args: spool: Where documents are kept until they are sent; None where they go nowhere."""
        self._spool = spool
        self._workplace = workplace
        self._campaign = campaign
        self._stack = stack
        self._keeper = LeaseKeeper(workplace.ledger, this_holder())
        self._stack.callback(self._keeper.close)
        self._instrument = _with_companion(spec.instrument, stack)
        self._spec = spec
        self._sentinel: Sentinel | None = None

    def take_leases(self, identity: str) -> None:
        """Take the right to append to the campaign and to move the instrument.

        Raises:
            Busy: If a living runner has one of them; names it.
        """
        instrument = identity or f"private to {self._campaign}"
        self.instrument_lease = self._keeper.take(f"instrument:{instrument}", take_over=True)
        self.campaign_lease = self._keeper.take(f"campaign:{self._campaign}", take_over=True)

    def connect(self) -> None:
        """Start the instrument process.

        Raises:
            InstrumentError: If a device does not answer.
        """
        self.executor = ProcessExecutor(
            lambda: children.start_instrument(self._instrument, self._workplace.folder, self._spool),
            secure_from_outside=self._secure_from_outside,
            on_start=self._keeper.instrument_started,
            connect_seconds=getattr(plugins.load("instrument", self._instrument.type), "connect_seconds", ANSWER_SECONDS),
        )
        self._stack.callback(self.executor.close)
        self.description = fitted(self.executor.describe(), self._spec)

    def start_sentinel(self) -> None:
        """Start the sentinel, where the instrument can be reached from a second process."""
        if self.description.has_second_connection:
            self._sentinel = Sentinel(children.start_sentinel(self._instrument, self._workplace.folder, self._campaign))
            self._stack.callback(self._sentinel.close)

    @contextmanager
    def lent(self, part: str, spec: CampaignSpec) -> Iterator[PartRig]:
        """Lend the instrument to a part while the block runs: it stays connected, and its lease stays ours."""
        lease = self._keeper.take(f"campaign:{part}", take_over=True)
        try:
            yield PartRig(self.executor, fitted(self.executor.describe(), spec), lease, self.instrument_lease)
        finally:
            self._keeper.give_back(lease)

    def _secure_from_outside(self, cause: str) -> tuple[str, ...]:
        """Raises LeaseLost if another runner has taken over: it may be measuring, and must not be disturbed."""
        self._keeper.require()
        return () if self._sentinel is None else self._sentinel.secure(cause)


def _with_companion(instrument: Plugin, stack: ExitStack) -> Plugin:
    """Start what the instrument needs beside it, such as a soft IOC, and return the plug-in set to use it."""
    plugin_class = plugins.load("instrument", instrument.type)
    settings = plugins.settings_of("instrument", instrument)
    companion = plugin_class.companion(settings) if hasattr(plugin_class, "companion") else None
    if companion is None:
        return instrument
    used = stack.enter_context(companion)
    return Plugin(type=instrument.type, **used.model_dump(mode="json", exclude_unset=True))
