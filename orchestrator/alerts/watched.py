"""One campaign followed event by event, with the moment at which everything began that somebody may have to be told of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from orchestrator.domain import events as ev
from orchestrator.domain.campaign import CampaignState, Status
from orchestrator.domain.events import LedgerEvent
from orchestrator.domain.folding import create, evolve
from orchestrator.domain.frames import FrameRef
from orchestrator.domain.records import ArtefactRef, Objective, Observation

_PROGRESS = (
    ev.CampaignStarted,
    ev.CampaignResumed,
    ev.TrialApproved,
    ev.TrialVetoed,
    ev.TrialMeasured,
    ev.TrialScored,
    ev.TrialFailed,
    ev.InterlockReturned,
)
"""After these a campaign goes on; they come with every trial."""


@dataclass(frozen=True, slots=True)
class Mark:
    """When something began: the ledger event that began it."""

    seq: int
    at: datetime


@dataclass(frozen=True, slots=True)
class SeenArray:
    """The latest spectrum or image."""

    trial: int
    signal: str
    ref: ArtefactRef | FrameRef
    """Where it is kept, or the first frame of the file that a detector wrote."""


@dataclass(slots=True)
class Watched:
    """Grows with every event."""

    campaign: str
    state: CampaignState
    status: Mark
    """When the status that people see began; a suggestion that waits begins a new one."""
    runner: Mark
    """When the latest runner took over."""
    progress: Mark
    analysis: Mark | None = None
    """When the analysis began to be silent: its latest answer, or the first trial that waits for one; None while none does."""
    lost: dict[str, Mark] = field(default_factory=dict[str, Mark])
    """By interlock that does not hold."""
    spent: dict[str, Mark] = field(default_factory=dict[str, Mark])
    """By budget of which nearly all is spent."""
    latest_array: SeenArray | None = None

    @classmethod
    def begin(cls, campaign: str, first: LedgerEvent, objectives: tuple[Objective, ...]) -> "Watched":
        """Return a campaign as of its first event."""
        mark = Mark(first.seq, first.at)
        return cls(campaign, create(first, objectives), mark, mark, mark)

    def hear(self, event: LedgerEvent, share: float | None) -> None:
        """Take the next event in; ``share`` of a budget is nearly all of it."""
        mark, before = Mark(event.seq, event.at), self.state
        self.state = evolve(before, event)
        if _standing_of(self.state) != _standing_of(before):
            self.status = mark
        if isinstance(event.data, ev.LeaseTaken):
            self.runner = mark
        if isinstance(event.data, _PROGRESS):
            self.progress = mark
        self._note_analysis(mark, event, before)
        self._note_interlocks(mark)
        self._note_budgets(mark, event.data, share)
        if isinstance(event.data, ev.TrialMeasured) and (seen := _arrays_of(event.data.observation)):
            signal, ref = _most_telling(seen)
            self.latest_array = SeenArray(event.data.trial, signal, ref)

    def _note_analysis(self, mark: Mark, event: LedgerEvent, before: CampaignState) -> None:
        """An answer begins a new silence; that the engine gives a trial up is none."""
        is_answer = isinstance(event.data, ev.TrialScored | ev.TrialFailed | ev.TrialAwaiting) and (
            event.data.trial in before.awaiting and event.actor != "engine"
        )
        if not self.state.awaiting:
            self.analysis = None
        elif self.analysis is None or is_answer:
            self.analysis = mark

    def _note_interlocks(self, mark: Mark) -> None:
        self.lost = {name: self.lost.get(name, mark) for name in self.state.lost_interlocks}

    def _note_budgets(self, mark: Mark, data: ev.LedgerData, share: float | None) -> None:
        if isinstance(data, ev.CampaignAmended):
            self.spent = {}  # whoever raises a budget has seen to it
        for name, ratio in ratios(self.state).items():
            if share is not None and ratio >= share:
                self.spent.setdefault(name, mark)


def ratios(state: CampaignState) -> Mapping[str, float]:
    """Return the share of each limited budget that is spent, the wall time left out."""
    budget = state.spec.budget
    used = {"trials": (state.n_counted, budget.trials), "exposure": (state.exposure_s, budget.exposure), "dose": (state.dose, budget.dose)}
    return {name: amount / limit for name, (amount, limit) in used.items() if limit}


def wall_ratio(state: CampaignState, now: datetime) -> float | None:
    """Return the share of the wall time that has passed; None without an end."""
    if state.started_at is None or state.ends_at is None or state.ends_at <= state.started_at:
        return None
    return (now - state.started_at) / (state.ends_at - state.started_at)


def _standing_of(state: CampaignState) -> tuple[Status, int | None]:
    return state.shown_status, state.open_trial if state.is_waiting_for_approval else None


def _arrays_of(observation: Observation) -> Mapping[str, ArtefactRef | FrameRef]:
    """Return spectra and images, those in files, too; of a run's many frames the first."""
    in_files = {name: refs[0].first_frame for name, refs in observation.files.items() if refs and refs[0].shape}
    return {**observation.arrays, **in_files}


def _most_telling(arrays: Mapping[str, ArtefactRef | FrameRef]) -> tuple[str, ArtefactRef | FrameRef]:
    """Return an image if there is one, else the first spectrum."""
    return max(arrays.items(), key=lambda each: len(each[1].shape))
