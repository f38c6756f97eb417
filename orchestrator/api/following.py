"""One campaign followed event by event: its state, and what would cost a walk through the ledger to find out."""

from bisect import insort
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime

from orchestrator.api.shown.trial import shown_trial
from orchestrator.domain import events as ev
from orchestrator.domain.campaign import CampaignState, first_value, keeps_limits
from orchestrator.domain.campaign import Trial as TrialState
from orchestrator.domain.events import LedgerEvent
from orchestrator.domain.folding import create, evolve
from orchestrator.domain.records import Objective
from orchestrator.queries import DeadFigures, dead_figures, pareto_front, timeline
from orchestrator.queries.pace import latest_pace_s
from orchestrator.queries.times import Gaps
from orchestrator.wire.trials import Trial


@dataclass(frozen=True, slots=True)
class Best:
    """One scored trial, and the best of the first objective up to it."""

    trial: int
    value: float
    best: float
    is_blind: bool = False
    """Whether nothing was known of its value when it was chosen, so that it tells what chance finds."""


_BLIND = frozenset({"random", "sobol", "bayesian"})
"""Agents that choose evenly from the space whenever they do not predict."""
_MOST_TOLD = 500
"""Moments besides measuring that are kept; the report tells them all."""
_Moment = tuple[object, ...]
"""What a person would call the same thing still going on."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """A trial as it was shown, and what that was made from."""

    trial: Trial
    state: TrialState
    is_best: bool


@dataclass(slots=True)
class Followed:
    """Grows with every event; whoever reads while it grows sees an older moment of the same campaign."""

    campaign: str
    state: CampaignState
    head: str
    bests: list[Best] = field(default_factory=list[Best])
    """By scored trial that keeps the limits, in the order of scoring."""
    dead_times: list[float] = field(default_factory=list[float])
    """Seconds between measurements in which Nightshift was waited for, ascending."""
    n_recoveries: int = 0
    n_repeated: int = 0
    n_agent_failures: int = 0
    verdicts: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    """How often each guardian gave each answer."""
    spans: dict[int, tuple[int, int]] = field(default_factory=dict[int, tuple[int, int]])
    """By trial: the first and last sequence number of its events."""
    since: datetime | None = None
    """When what goes on now began: the status, the trial's own, or the loss of an interlock; a note changes nothing."""
    told: deque[LedgerEvent] = field(default_factory=lambda: deque(maxlen=_MOST_TOLD))
    """What happened besides measuring, the latest last."""
    _best_then: list[int | None] = field(default_factory=list[int | None])
    """By trial: the best one when it was suggested."""
    _shown: dict[int, _Shown] = field(default_factory=dict[int, _Shown])
    _new_bests: set[int] = field(default_factory=set[int])
    _scored: list[int] = field(default_factory=list[int])
    """Trials in the order of scoring."""
    _scored_at: int = 0
    """The last event that may have changed who is best."""
    _front: tuple[int, tuple[int, ...]] = (0, ())
    """As of which such event, and the trials on it."""
    _gaps: Gaps = field(default_factory=Gaps)

    @classmethod
    def begin(cls, campaign: str, first: LedgerEvent, objectives: tuple[Objective, ...]) -> "Followed":
        """Return a campaign as of its first event."""
        return cls(campaign, create(first, objectives), first.hash, since=first.at, told=deque([first], maxlen=_MOST_TOLD))

    def hear(self, event: LedgerEvent) -> None:
        """Take the next event in. The state comes last: whoever sees it finds everything else as new."""
        after = evolve(self.state, event)
        if _moment(after) != _moment(self.state):
            self.since = event.at
        self._count(event, self.state, after)
        if timeline((event,)):
            self.told.append(event)
        number = trial_of(event.data)
        if number is not None:
            self.spans[number] = (self.spans.get(number, (event.seq, 0))[0], event.seq)
        self.head = event.hash
        self.state = after

    def trial(self, number: int) -> Trial:
        """Return a trial for people, as it stands now; it is put into words again only when it has changed."""
        state, is_best = self.state, number in self._new_bests
        trial, shown = state.trial(number), self._shown.get(number)
        if shown is None or shown.state is not trial or shown.is_best != is_best:
            shown = _Shown(shown_trial(state, number, is_best=is_best, then=self.then(number)), trial, is_best)
            self._shown[number] = shown
        return shown.trial

    def then(self, number: int) -> CampaignState:
        """Return the present state with the best trial of the moment in which this one was suggested."""
        return replace(self.state, best=self._best_then[number - 1])

    @property
    def front(self) -> tuple[int, ...]:
        """Return the trials on the Pareto front; worked out again only when a score or a limit has changed."""
        state, scored_at = self.state, self._scored_at
        if self._front[0] != scored_at:
            front = pareto_front(state.trials, state.objectives, state.spec.limits)
            if scored_at > state.seq:  # read in the middle of ``hear``: of the moment before
                return front
            self._front = (scored_at, front)
        return self._front[1]

    @property
    def dead(self) -> DeadFigures | None:
        """Return the figures of dead time; None before the second measurement."""
        return dead_figures(self.dead_times)

    @property
    def pace_s(self) -> float | None:
        """Return the median time a trial took lately; None before the second trial."""
        return latest_pace_s(self.state)

    def _count(self, event: LedgerEvent, before: CampaignState, after: CampaignState) -> None:
        if isinstance(event.data, ev.TrialScored | ev.TrialKnown | ev.CampaignAmended):
            self._scored_at = event.seq
        match event.data:
            case ev.TrialSuggested():
                self._best_then.append(before.best)
            case ev.TrialKnown():
                self._best_then.append(before.best)
                self._scored.append(event.data.trial)
                self._rank(after.trial(event.data.trial), after)
            case ev.TrialReviewed(verdicts=verdicts) | ev.TrialMeasured(verdicts=verdicts):
                for verdict in verdicts:
                    key = (verdict.guardian, str(verdict.answer))
                    self.verdicts[key] = self.verdicts.get(key, 0) + 1
            case ev.TrialRemeasured():
                self.n_repeated += 1
            case ev.TrialScored():
                self._note_score(event.data.trial, before, after)
            case ev.InstrumentSecured(cause="recovery"):
                self.n_recoveries += 1
            case ev.AgentFailed():
                self.n_agent_failures += 1
            case _:
                pass
        gap = self._gaps.hear(event)
        if gap is not None and gap.seconds is not None:
            insort(self.dead_times, gap.seconds)

    def _note_score(self, number: int, before: CampaignState, after: CampaignState) -> None:
        if before.trial(number).score is not None:
            self._rank_again(after)
        elif after.trial(number).kind.is_scored:
            self._scored.append(number)
            self._rank(after.trial(number), after)

    def _rank(self, trial: TrialState, state: CampaignState) -> None:
        value = first_value(trial, state.objectives)
        if value is None or not keeps_limits(trial, state.spec.limits):
            return
        is_better = not self.bests or state.objectives[0].is_better(value, self.bests[-1].best)
        if is_better:
            self._new_bests.add(trial.number)
        self.bests.append(Best(trial.number, value, value if is_better else self.bests[-1].best, _is_blind(trial)))

    def _rank_again(self, state: CampaignState) -> None:
        """A corrected analysis may change who was best ever since."""
        self.bests, self._new_bests = [], set()
        for number in self._scored:
            self._rank(state.trial(number), state)


def _is_blind(trial: TrialState) -> bool:
    return trial.role != "human" and trial.agent in _BLIND and not trial.evidence.predicted


def _moment(state: CampaignState) -> _Moment:
    current = state.current
    doing = None if current is None else (current.number, current.status, current.attempt)
    return (state.status, doing, state.lost_interlocks)


def trial_of(data: ev.LedgerData) -> int | None:
    """Return the trial an event is about, if it is about one that has been suggested."""
    if isinstance(data, ev.AgentFailed):
        return None
    number = getattr(data, "trial", None)
    return number if isinstance(number, int) else None
