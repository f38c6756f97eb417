"""Campaigns on a soft IOC that outlives its runners, and what the IOC's own log says they did."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from instruments.journal import read_journal
from instruments.simulated.companion import SoftIoc

Line = Mapping[str, Any]

AXES = ("mirror_pitch", "mirror_roll")
"""The axes these campaigns move; the others stay aligned."""


def spec_text(
    ioc: SoftIoc,
    *,
    n_trials: int,
    exposure: str = "1 s",
    agent: str | Mapping[str, Any] = "random",
    heartbeat_s: float = 5.0,
    seed: int = 7,
    more: str = "",
) -> str:
    """Return a small alignment on an IOC that is running already.

    Args:
        ioc: Outside every process tree that a test kills.
        exposure: Simulated seconds, as the IOC counts.
        heartbeat_s: Real seconds of silence after which the IOC makes everything safe by itself.
        more: Further lines of the file.
    """
    heartbeat = {"beat": "HEARTBEAT", "arm": "HEARTBEAT:ARM", "timeout": heartbeat_s}
    return f"""
name: alignment
instrument: {json.dumps({"type": "epics", **ioc.settings, "heartbeat": heartbeat})}
space:
  mirror_pitch: {{limits: [2.8, 3.2], unit: mrad, tolerance: 0.0005}}
  mirror_roll: {{limits: [-1.0, 1.0], unit: mrad, tolerance: 0.002}}
measure: {{exposure: {exposure}, signals: [flux]}}
reward: {{signal: flux, goal: maximise}}
agent: {json.dumps(agent)}
budget: {{trials: {n_trials}}}
seed: {seed}
{more}
"""


def write_spec(folder: Path, ioc: SoftIoc, **options: Any) -> Path:
    path = folder / "alignment.yaml"
    path.write_text(spec_text(ioc, **options))
    return path


@dataclass(frozen=True, slots=True)
class Span:
    """From begin to end, in the IOC's seconds."""

    begin: float
    end: float

    def overlaps(self, other: "Span") -> bool:
        return self.begin < other.end and other.begin < self.end

    def holds(self, other: "Span") -> bool:
        return self.begin < other.begin and other.end < self.end


def lines(log: Path, what: str) -> list[Line]:
    return [line for line in read_journal(log) if line["what"] == what]


def dumps(log: Path) -> list[Span]:
    """Return when the ring had no beam."""
    return [Span(line["at"], line["until"]) for line in lines(log, "beam-dump")]


def exposures(log: Path) -> Mapping[str, Span]:
    """Return when the detector counted, by attempt; exposures that were aborted are left out."""
    return {line["attempt"]: Span(line["begin"], line["at"]) for line in lines(log, "exposed")}


def attempts(log: Path) -> Mapping[str, Span]:
    """Return from its first motion to the end of its exposure, by attempt."""
    seen: dict[str, list[float]] = defaultdict(list)
    for line in read_journal(log):
        if line["what"] in ("motion", "trigger", "exposed"):
            seen[line["attempt"]].append(line["at"])
    return {attempt: Span(min(moments), max(moments)) for attempt, moments in seen.items()}


def contaminated(spans: Mapping[str, Span], lost: Sequence[Span]) -> set[str]:
    """Return the attempts during which the beam was lost, however briefly."""
    return {attempt for attempt, span in spans.items() if any(span.overlaps(dump) for dump in lost)}
