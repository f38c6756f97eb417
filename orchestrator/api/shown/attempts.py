"""A trial's attempts, told by its events."""

from collections.abc import Sequence

from orchestrator.domain import events as ev
from orchestrator.domain.events import LedgerEvent
from orchestrator.wire.trials import Attempt


def attempts_of(trial: int, events: Sequence[LedgerEvent]) -> tuple[Attempt, ...]:
    """Return every try at measuring a trial, in order; events about other trials are passed over."""
    attempts: dict[int, Attempt] = {}
    for event in events:
        if getattr(event.data, "trial", None) == trial:
            _hear(attempts, event)
    return tuple(attempts.values())


def _hear(attempts: dict[int, Attempt], event: LedgerEvent) -> None:
    match event.data:
        case ev.TrialStarted(attempt=number):
            attempts[number] = Attempt(number=number, recorded_at=event.at, outcome="running")
        case ev.TrialMeasured(observation=seen, verdicts=verdicts) if seen.attempt in attempts:
            told = {"outcome": "counts", "observation": seen, "verdicts": verdicts}
            attempts[seen.attempt] = attempts[seen.attempt].model_copy(update=told)
        case ev.TrialRemeasured(attempt=number, reason=reason, rejected=seen, verdicts=verdicts) if number in attempts:
            told = {"outcome": "repeated", "reason": reason, "observation": seen, "verdicts": verdicts}
            attempts[number] = attempts[number].model_copy(update=told)
        case _:
            pass
