"""The engine's ports: clock, store, agent host, executor and live signals, and the values that pass through them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

import numpy as np
from pydantic import JsonValue

from orchestrator.domain.access import AccessRecords, Role
from orchestrator.domain.base import Setting
from orchestrator.domain.campaign import CampaignState, Trial
from orchestrator.domain.events import Draft, LedgerEvent
from orchestrator.domain.frames import FrameRef
from orchestrator.domain.instrument import InstrumentDescription, MeasureRequest
from orchestrator.domain.records import ArtefactRef, Breach, Observation, Suggestion


class Clock(Protocol):
    """Time as the engine sees it."""

    def now(self) -> datetime: ...

    def wait(self, seconds: float) -> None:
        """Let that much time pass, or less if something may have happened."""
        ...


@dataclass(frozen=True, slots=True)
class Summary:
    """A campaign's stored projection: one row of ``nightshift list``."""

    campaign: str
    name: str
    status: str
    trials: int
    best_point: Mapping[str, Setting] | None
    best_score: float | None
    seq: int
    head: str
    created_at: datetime
    updated_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to append to a campaign, or to move an instrument."""

    name: str
    token: int
    holder: str
    taken_from: str = ""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who asks for a lease: enough to know later whether it is still alive, and to kill its instrument process."""

    host: str
    pid: int
    process_started: float
    boot_id: str
    instrument_pid: int | None = None
    instrument_started: float | None = None

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"


Verb = Literal[
    "start", "pause", "resume", "stop", "abort", "safe-stop", "approve", "veto", "edit", "suggest", "amend", "note", "score", "skip"
]


@dataclass(frozen=True, slots=True)
class Command:
    """A person's order to a running campaign, or an analysis's answer: a row in the store until the engine has taken it."""

    id: int
    campaign: str
    at: datetime
    actor: str
    verb: Verb
    trial: int | None = None
    note: str = ""
    is_now: bool = False
    suggestion_hash: str = ""
    """What an approval, edit or veto is bound to; empty binds it to whatever waits."""
    content: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    """The point of ``edit`` and ``suggest``, the change of ``amend``, the text of ``note``, the answer of ``score``."""
    role: Role = Role.ADMIN
    """What the sender may do: to widen a limit takes an admin. Whoever has a shell on this machine is one."""


class Ledger(Protocol):
    """The store of ledger events, leases, projections and commands. See ``testing/store_contract.py`` for what it must do."""

    @property
    def access(self) -> AccessRecords:
        """Keys, login links and remembered answers, kept beside the ledger."""
        ...

    def append(
        self, stream: str, drafts: Sequence[Draft], *, expected_seq: int, lease: Lease, summary: Summary | None = None
    ) -> tuple[LedgerEvent, ...]:
        """Append several events in one durable transaction, together with the campaign's new projection.

        ``summary.seq`` and ``summary.head`` are ignored and filled from what was appended.

        Raises:
            LeaseLost: If the lease's token is not the current one; nothing is written.
            SequenceConflict: If the stream's last sequence number is not ``expected_seq``; nothing is written.
            LedgerFull: If the disk is full.
        """
        ...

    def append_note(self, stream: str, draft: Draft) -> LedgerEvent:
        """Append to a stream that needs no lease: ``system``."""
        ...

    def read(self, stream: str, *, after: int = 0, limit: int | None = None) -> tuple[LedgerEvent, ...]:
        """Return events with sequence numbers above ``after``, in order; empty for an unknown stream."""
        ...

    def read_stored(self, stream: str, *, after: int = 0, limit: int | None = None) -> tuple[Mapping[str, JsonValue], ...]:
        """Return what ``read`` reads as it is stored, column by column: copies of it can be checked by their hashes."""
        ...

    def last_seq(self, stream: str) -> int:
        """Return a stream's last sequence number, 0 for an unknown one: a cheap way to notice news."""
        ...

    def heads(self) -> Mapping[str, int]:
        """Return every campaign's last sequence number."""
        ...

    def streams(self) -> tuple[str, ...]: ...

    def summaries(self) -> tuple[Summary, ...]:
        """Return the projections, newest first."""
        ...

    def summary(self, campaign: str) -> Summary | None: ...

    def verify(self, stream: str, *, head: str | None = None) -> None:
        """Check every stored column against its hash, the chain, the sequence, and ``head`` if given.

        Raises:
            LedgerCorrupt: Names the first bad event and what is wrong with it.
        """
        ...

    def acquire(self, name: str, holder: Holder, *, ttl: float, take_over: bool = False) -> Lease:
        """Take a lease if it is free, expired, or held by a process of this host that is dead.

        Tokens only ever grow. ``take_over`` permits replacing an expired holder.

        Raises:
            Busy: If a living holder has it; names the holder and how long until its lease expires.
        """
        ...

    def renew(self, lease: Lease, *, ttl: float, holder: Holder | None = None) -> None:
        """Extend a lease. Raises LeaseLost if someone else has it now."""
        ...

    def release(self, lease: Lease) -> None:
        """Give a lease back; does nothing if it is no longer ours."""
        ...

    def holder(self, name: str) -> tuple[Holder, Lease, datetime] | None:
        """Return who holds a lease and until when; None when nobody does."""
        ...

    def send(self, command: Command) -> Command:
        """Put a command into a campaign's inbox; its id is filled in."""
        ...

    def commands(self, campaign: str) -> tuple[Command, ...]:
        """Return the commands not yet done, oldest first."""
        ...

    def inbox(self) -> tuple[Command, ...]:
        """Return the commands of all campaigns not yet done, oldest first."""
        ...

    def finish(self, command: Command) -> None:
        """Mark a command as done."""
        ...

    def close(self) -> None: ...


class Artefacts(Protocol):
    """Large immutable content by its SHA-256."""

    def put(self, content: bytes) -> str: ...

    def get(self, sha256: str) -> bytes:
        """Raises ArtefactMissing."""
        ...

    def put_array(self, array: np.ndarray) -> ArtefactRef: ...

    def get_array(self, ref: ArtefactRef) -> np.ndarray: ...


@dataclass(frozen=True, slots=True)
class FramesRead:
    """What a signal's frames hold."""

    array: np.ndarray
    """Shape (frames, …); a single frame's own shape where there is one."""
    waited_s: float = 0.0
    """From the request until all of them could be read."""


class Frames(Protocol):
    """Files that detectors wrote. Only read, never locked, and by a process of its own: a file system may hang, a file be damaged."""

    def warm(self) -> None:
        """Be ready, so that the first read takes no longer than others."""
        ...

    def read(
        self,
        refs: Sequence[FrameRef],
        *,
        wait_s: float = 0.0,
        last_only: bool = False,
        is_given_up: Callable[[], bool] | None = None,
    ) -> FramesRead:
        """Return frames once all of them have been written.

        Args:
            refs: In order.
            wait_s: How long they may take to appear.
            last_only: Look whether all are there, and return the last alone: a run may have thousands.
            is_given_up: Asked while waiting; true ends it.

        Raises:
            FramesUnreadable: If they are late, missing or damaged; names file and frame.
        """
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Measured:
    """The attempt has a finished run."""

    observation: Observation


@dataclass(frozen=True, slots=True)
class Unknown:
    """The attempt may or may not have moved something; nothing finished carries its id."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotMeasured:
    """The attempt failed, or was interrupted, after it may have moved; the hardware is in its safe state."""

    reason: str
    is_interrupted: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """The attempt was refused before anything moved, for example because an interlock is not satisfied."""

    reason: str
    breaches: tuple[Breach, ...] = ()


Settled = Measured | Unknown | NotMeasured | Refused


@dataclass(frozen=True, slots=True)
class InstrumentStatus:
    """What the instrument says between trials."""

    positions: Mapping[str, Setting]
    lost: Mapping[str, Breach]
    """Interlocks that are not satisfied now, by name."""


class Executor(Protocol):
    """Settles trials: returns the finished run that carries the attempt's id, or measures it."""

    def describe(self) -> InstrumentDescription: ...

    def settle(
        self,
        request: MeasureRequest,
        *,
        is_retry: bool = False,
        interrupted: Callable[[], bool] | None = None,
        meanwhile: Callable[[], None] | None = None,
    ) -> Settled:
        """Measure one attempt, unless a finished run already carries its id.

        Args:
            request: What to measure.
            is_retry: Whether an earlier runner recorded this start, so that its fate must be probed first.
            interrupted: Asked several times a second; once true, the run is aborted and the safe state put in force.
            meanwhile: Called once, when the instrument has its order.
        """
        ...

    def status(self) -> InstrumentStatus: ...

    def secure(self, cause: str) -> tuple[str, ...]: ...

    def close(self) -> None: ...


class AgentHost(Protocol):
    """Keeps agents in a process of their own and never waits for one longer than it may think."""

    def sync(self, events: Sequence[LedgerEvent | Draft]) -> None:
        """Show the agents what was recorded since the last call."""
        ...

    def ask(self, role: Literal["agent", "fallback"], meanwhile: Callable[[], None] | None = None) -> Suggestion:
        """Return the next suggestion from what was synced.

        Args:
            role: Who is asked.
            meanwhile: Called once, when the agent has begun to think. What it raises is raised, and the answer is lost.

        Raises:
            AgentError: If the agent raised, timed out or suggested something outside the space.
        """
        ...

    def prepare(self) -> None:
        """Let the agent think ahead; returns at once."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class LiveState:
    """What the engine tells people while it works; lossy, never ledger."""

    phase: str
    """For example ``asking bayesian``, ``measuring``, ``waiting for beam``."""
    state: CampaignState
    detail: str = ""
    campaign: str = ""
    is_news: bool = False
    """Whether people will want to read it even if something else is shown a moment later."""


class LiveSignals(Protocol):
    """Where live progress goes: a terminal, a stream, nowhere."""

    def publish(self, live: LiveState) -> None: ...

    def decide(self, trial: Trial) -> Literal["approve", "veto"] | None:
        """Return what the person at the terminal says about a held suggestion, or None at once while they say nothing."""
        ...
