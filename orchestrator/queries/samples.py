"""What became of every sample in every stage: the table people read first of a campaign over samples."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.parts import Part
from orchestrator.domain.samples import SamplesSpec, in_order
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
class SampleRow:
    """One sample."""

    sample: str
    position: str
    cells: tuple[Cell, ...]
    """In the order of the stages."""
    why: str
    """Why it is not through all stages; empty where it is, or may still be."""


def sample_rows(state: CampaignState) -> tuple[SampleRow, ...]:
    """Return a row for each sample, in their order; none for a campaign without samples."""
    spec = state.spec
    if not isinstance(spec, SamplesSpec):
        return ()
    return tuple(_row(state, spec, index) for index in range(len(spec.samples)))


def _row(state: CampaignState, spec: SamplesSpec, index: int) -> SampleRow:
    sample = spec.samples[index]
    is_over = state.status.is_final or sample.id in state.parts.skipped
    cells = tuple(_cell(stage, state.parts.at(sample.id, stage), is_over=is_over) for stage in in_order(spec))
    position = "" if sample.position is None else str(sample.position)
    failed = next((f"{cell.stage} failed: {cell.reason}" for cell in cells if cell.outcome == "failed"), "")
    return SampleRow(sample.id, position, cells, state.parts.skipped.get(sample.id, failed))


def _cell(stage: str, part: Part | None, *, is_over: bool) -> Cell:
    if part is None:
        return Cell(stage, "not run" if is_over else "to come")
    point = "" if part.best_point is None else show_point(part.best_point)
    return Cell(stage, part.outcome, part.id, part.trials, part.best_score, point, part.reason)


def samples_document(state: CampaignState) -> list[Mapping[str, object]]:
    """Return the same for programs: one entry for each sample and stage that has begun."""
    return [entry for row in sample_rows(state) for entry in _entries(row)]


def _entries(row: SampleRow) -> Iterator[Mapping[str, object]]:
    for cell in row.cells:
        if cell.part:
            yield {
                "sample": row.sample,
                "stage": cell.stage,
                "part": cell.part,
                "outcome": cell.outcome,
                "trials": cell.trials,
                "score": cell.score,
                "reason": cell.reason,
            }


def samples_lines(state: CampaignState) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return columns and rows for a table in a terminal."""
    rows = sample_rows(state)
    stages = tuple(cell.stage for cell in rows[0].cells) if rows else ()
    return ("sample", "position", *stages, "why not"), tuple(
        (row.sample, row.position, *(cell.text for cell in row.cells), row.why) for row in rows
    )
