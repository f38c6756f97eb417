"""How far a campaign over samples is, and how long the rest of it takes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.parts import Part
from orchestrator.domain.samples import SamplesSpec
from orchestrator.queries.samples import Cell, sample_rows


@dataclass(frozen=True, slots=True)
class NightFigures:
    """A campaign over samples in numbers."""

    n_samples: int
    n_through: int
    """Samples that passed every stage."""
    n_skipped: int
    """Samples of which a stage failed, or that somebody skipped."""
    n_parts: int
    """Samples × stages that have begun or are to come."""
    n_ended: int
    n_failed: int

    @property
    def sentence(self) -> str:
        """Return ``7 of 12 samples through every stage, 1 skipped; 22 of 34 parts ended, 1 of them failed``."""
        skipped = f", {self.n_skipped} skipped" if self.n_skipped else ""
        failed = f", {self.n_failed} of them failed" if self.n_failed else ""
        through = f"{self.n_through} of {self.n_samples} samples through every stage{skipped}"
        return f"{through}; {self.n_ended} of {self.n_parts} parts ended{failed}"


def night_figures(state: CampaignState) -> NightFigures | None:
    """Return a campaign's figures; None for one without samples."""
    if not isinstance(state.spec, SamplesSpec):
        return None
    stages, rows = state.spec.stages, sample_rows(state)
    cells = [cell for row in rows for cell in row.stages if cell.outcome != "not run"]
    return NightFigures(
        n_samples=len(rows),
        n_through=sum(state.parts.is_through(row.sample, stages) for row in rows),
        n_skipped=sum(bool(row.why) for row in rows),
        n_parts=len(cells),
        n_ended=sum(cell.outcome in ("succeeded", "failed") for cell in cells),
        n_failed=sum(cell.outcome == "failed" for cell in cells),
    )


def seconds_left(state: CampaignState, now: datetime, *, part_left_s: float | None = None) -> float | None:
    """Return how long the parts to come and the running one take, each as long as its stage took so far.

    Args:
        state: Of the campaign over samples.
        now: UTC.
        part_left_s: How long the running part takes at the pace of its trials; None while nothing tells.

    Returns:
        Seconds; None while some stage to come has never been gone through.
    """
    if not isinstance(state.spec, SamplesSpec):
        return None
    took, running = _stage_seconds(state.parts.by_place.values()), state.parts.running
    left_s = 0.0 if running is None else _running_left(running, took, now, part_left_s)
    if running is not None and left_s is not None:
        took = {running.stage: (now - running.started_at).total_seconds() + left_s, **took}
    to_come = [took.get(cell.stage) for cell in _to_come(state)]
    known = [seconds for seconds in to_come if seconds is not None]
    return None if left_s is None or len(known) < len(to_come) else left_s + sum(known)


def _running_left(running: Part, took: Mapping[str, float], now: datetime, part_left_s: float | None) -> float | None:
    """Return the shorter of what its pace and its stage tell: rules to stop end parts before their budgets do."""
    by_stage = took[running.stage] - (now - running.started_at).total_seconds() if running.stage in took else None
    told = [seconds for seconds in (by_stage, part_left_s) if seconds is not None]
    return max(0.0, min(told)) if told else None


def _stage_seconds(parts: Iterable[Part]) -> Mapping[str, float]:
    """Return the median seconds of each stage, of the parts that succeeded; of those that failed where there are no others."""
    took: dict[tuple[str, bool], list[float]] = {}
    for part in parts:
        if part.ended_at is not None:
            took.setdefault((part.stage, part.outcome == "succeeded"), []).append((part.ended_at - part.started_at).total_seconds())
    return {stage: median(seconds) for (stage, _), seconds in sorted(took.items())}


def _to_come(state: CampaignState) -> list[Cell]:
    return [cell for row in sample_rows(state) for cell in row.stages if cell.outcome == "to come"]
