"""What became of every sample in every stage: the table people read first of a campaign over samples."""

from dataclasses import dataclass

from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.samples import SamplesSpec, in_order, is_judged, required_by
from orchestrator.domain.space import show_point


@dataclass(frozen=True, slots=True)
class Cell:
    """One sample in one stage."""

    stage: str
    outcome: str
    """``succeeded``, ``failed``, ``running``, ``not run`` or ``to come``."""
    part: str = ""
    """The part's id; empty where it never began."""
    trials: int = 0
    score: float | None = None
    point: str = ""
    reason: str = ""

    @property
    def text(self) -> str:
        """Return ``1070 in 15 trials``, or the outcome."""
        if self.outcome != "succeeded" or self.score is None:
            return self.outcome
        return "done" if self.trials == 1 and self.score == 1.0 else f"{self.score:.5g} in {self.trials} trials"


@dataclass(frozen=True, slots=True)
class BestOfSample:
    """What the latest stage that was judged found best."""

    stage: str
    value: float
    name: str = ""
    """Of the signal; empty where the reward is more than one signal."""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One sample."""

    sample: str
    position: str
    stages: tuple[Cell, ...]
    """In the order of the stages."""
    why: str
    """Why it is not through all stages; empty where it is, or may still be."""
    best: BestOfSample | None = None


def sample_rows(state: CampaignState) -> tuple[SampleRow, ...]:
    """Return a row for each sample, in their order; none for a campaign without samples."""
    spec = state.spec
    if not isinstance(spec, SamplesSpec):
        return ()
    return tuple(_row(state, spec, index) for index in range(len(spec.samples)))


def _row(state: CampaignState, spec: SamplesSpec, index: int) -> SampleRow:
    sample = spec.samples[index]
    cells = tuple(_cell(state, spec, sample.id, stage) for stage in in_order(spec))
    position = "" if sample.position is None else str(sample.position)
    failed = next((f"{cell.stage} failed: {cell.reason}" for cell in cells if cell.outcome == "failed"), "")
    return SampleRow(sample.id, position, cells, state.parts.skipped.get(sample.id, failed), _best(state, spec, cells))


def _cell(state: CampaignState, spec: SamplesSpec, sample: str, stage: str) -> Cell:
    part = state.parts.at(sample, stage)
    if part is None:
        return Cell(stage, "to come" if _is_to_come(state, spec, sample, stage) else "not run")
    point = "" if part.best_point is None else show_point(part.best_point)
    return Cell(stage, part.outcome, part.id, part.trials, part.best_score, point, part.reason)


def _is_to_come(state: CampaignState, spec: SamplesSpec, sample: str, stage: str) -> bool:
    """Return whether a stage that has not begun will be: of a sample that is left, only what always is, after what it requires."""
    if state.status.is_final:
        return False
    if sample not in state.parts.skipped:
        return True
    required = (state.parts.at(sample, name) for name in required_by(spec, stage))
    return spec.stages[stage].always and all(part is not None and part.is_passed for part in required)


def _best(state: CampaignState, spec: SamplesSpec, cells: tuple[Cell, ...]) -> BestOfSample | None:
    judged = ((cell.stage, cell.score) for cell in reversed(cells) if cell.score is not None and is_judged(spec, spec.stages[cell.stage]))
    stage, score = next(judged, ("", None))
    if score is None:
        return None
    name = _signal(spec, stage)
    signal = state.instrument.signals.get(name)
    return BestOfSample(stage, score, name, "" if signal is None else signal.unit)


def _signal(spec: SamplesSpec, stage: str) -> str:
    """Return the signal that a stage's first reward is; empty where it is made of more."""
    first = (spec.stages[stage].rewards or spec.rewards)[0]
    signal = first.settings.get("signal")
    return signal if first.type == "scalar" and isinstance(signal, str) else ""
