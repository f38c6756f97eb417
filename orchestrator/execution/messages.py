"""What the engine says to the instrument process, and what it hears."""

from dataclasses import dataclass

from orchestrator.domain.instrument import MeasureRequest


@dataclass(frozen=True, slots=True)
class Describe:
    """Answered by an InstrumentDescription."""


@dataclass(frozen=True, slots=True)
class Connect:
    """Answered by None once the instrument is ready to measure."""


@dataclass(frozen=True, slots=True)
class Settle:
    """Answered by a Settled."""

    request: MeasureRequest
    is_retry: bool


@dataclass(frozen=True, slots=True)
class AskStatus:
    """Answered by an InstrumentStatus."""


@dataclass(frozen=True, slots=True)
class Secure:
    """Answered by a tuple of phrases."""

    cause: str


@dataclass(frozen=True, slots=True)
class Abort:
    """Ends the run in progress; the pending Settle is answered NotMeasured. Not answered itself."""

    reason: str


Message = Describe | Connect | Settle | AskStatus | Secure | Abort
