"""A campaign read once: its final state, the state each suggestion was made in, and every attempt at measuring."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from orchestrator.domain import events as ev
from orchestrator.domain.campaign import CampaignState, Trial
from orchestrator.domain.errors import UnknownCampaign
from orchestrator.domain.events import LedgerEvent
from orchestrator.domain.folding import create, evolve
from orchestrator.domain.ports import Ledger
from orchestrator.domain.records import Objective, Observation, Verdict

Outcome = Literal["running", "counts", "repeated"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at measuring a trial."""

    trial: int
    number: int
    recorded_at: datetime
    """When the intent was recorded, before anything moved."""
    outcome: Outcome = "running"
    reason: str = ""
    """Why it was repeated."""
    observation: Observation | None = None
    """None while it runs, and for an attempt whose fate is unknown."""
    verdicts: tuple[Verdict, ...] = ()


@dataclass(frozen=True, slots=True)
class CampaignRecord:
    """Everything the read side answers from."""

    events: tuple[LedgerEvent, ...]
    state: CampaignState
    """After the last event."""
    before: tuple[CampaignState, ...]
    """By trial: the state in which it was suggested."""
    attempts: tuple[Attempt, ...]
    """Of all trials, in the order they were started."""

    @property
    def campaign(self) -> str:
        return self.events[0].stream

    @property
    def head(self) -> str:
        return self.events[-1].hash

    @property
    def objectives(self) -> tuple[Objective, ...]:
        return self.state.objectives

    @property
    def trials(self) -> tuple[Trial, ...]:
        return self.state.trials

    def state_before(self, trial: int) -> CampaignState:
        """Return the state in which a trial, counted from 1, was suggested."""
        return self.before[trial - 1]

    def attempts_at(self, trial: int) -> tuple[Attempt, ...]:
        return tuple(attempt for attempt in self.attempts if attempt.trial == trial)


def read_campaign(ledger: Ledger, campaign: str, objectives: tuple[Objective, ...]) -> CampaignRecord:
    """Return a campaign's record.

    Raises:
        UnknownCampaign: If the ledger holds no such campaign.
    """
    events = ledger.read(campaign)
    if not events:
        raise UnknownCampaign(f"the ledger holds no campaign called {campaign!r}; see nightshift list")
    return record_of(events, objectives)


def record_of(events: Sequence[LedgerEvent], objectives: tuple[Objective, ...]) -> CampaignRecord:
    """Return the record of a campaign's events, all of them and in order."""
    state = create(events[0], objectives)
    before: list[CampaignState] = []
    attempts: dict[tuple[int, int], Attempt] = {}
    for event in events[1:]:
        if isinstance(event.data, ev.TrialSuggested | ev.TrialKnown):
            before.append(state)
        state = evolve(state, event)
        _note_attempt(attempts, event)
    return CampaignRecord(tuple(events), state, tuple(before), tuple(attempts.values()))


def _note_attempt(attempts: dict[tuple[int, int], Attempt], event: LedgerEvent) -> None:
    match event.data:
        case ev.TrialStarted(trial=trial, attempt=number):
            attempts[trial, number] = Attempt(trial, number, event.at)
        case ev.TrialMeasured(trial=trial, observation=observation, verdicts=verdicts):
            key = (trial, observation.attempt)
            attempts[key] = replace(attempts[key], outcome="counts", observation=observation, verdicts=verdicts)
        case ev.TrialRemeasured(trial=trial, attempt=number, reason=reason, rejected=rejected, verdicts=verdicts):
            key = (trial, number)
            attempts[key] = replace(attempts[key], outcome="repeated", reason=reason, observation=rejected, verdicts=verdicts)
        case _:
            pass
