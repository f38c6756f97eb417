"""What became of samples, in a terminal and for programs: the same from a ledger, from a server and at the end of a run."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from orchestrator.cli.console import tell
from orchestrator.cli.tables import print_table


class StageLike(Protocol):
    """One sample in one stage, as ``queries.samples`` or a server tells it."""

    @property
    def stage(self) -> str: ...
    @property
    def part(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def trials(self) -> int: ...
    @property
    def score(self) -> float | None: ...
    @property
    def reason(self) -> str: ...
    @property
    def text(self) -> str: ...


class BestLike(Protocol):
    """The best of one sample."""

    @property
    def stage(self) -> str: ...
    @property
    def value(self) -> float: ...
    @property
    def unit(self) -> str: ...


class SampleLike(Protocol):
    """One sample in all stages."""

    @property
    def sample(self) -> str: ...
    @property
    def position(self) -> str: ...
    @property
    def stages(self) -> Sequence[StageLike]: ...
    @property
    def why(self) -> str: ...
    @property
    def best(self) -> BestLike | None: ...


def print_samples(samples: Sequence[SampleLike], how_far: str) -> None:
    """Print a row for each sample, how far the night is, and where to look closer; nothing for a campaign without samples."""
    if not samples:
        return
    tell()
    columns = ("sample", "position", *(stage.stage for stage in samples[0].stages), "best", "why not")
    rows = ((each.sample, each.position, *(stage.text for stage in each.stages), _best(each), each.why) for each in samples)
    print_table(columns, rows, right=("position",))
    tell(f"  {how_far}")
    for each in samples:
        for stage in each.stages:
            if stage.outcome == "running":
                tell(f"  {each.sample} is in {stage.stage}: nightshift show {stage.part}")


def sample_lines(samples: Sequence[SampleLike]) -> Iterator[str]:
    """Yield a line for each sample: its stages, and why it is not through all of them."""
    for each in samples:
        yield "  ".join((each.sample, *(stage.text for stage in each.stages), each.why)).rstrip()


def samples_document(samples: Sequence[SampleLike]) -> list[Mapping[str, object]]:
    """Return the same for programs: one entry for each sample and stage that has begun."""
    return [_entry(each.sample, stage) for each in samples for stage in each.stages if stage.part]


def _entry(sample: str, stage: StageLike) -> Mapping[str, object]:
    return {
        "sample": sample,
        "stage": stage.stage,
        "part": stage.part,
        "outcome": stage.outcome,
        "trials": stage.trials,
        "score": stage.score,
        "reason": stage.reason,
    }


def _best(sample: SampleLike) -> str:
    best = sample.best
    return "" if best is None else f"{f'{best.value:.5g} {best.unit}'.rstrip()} in {best.stage}"
