"""A small campaign over samples, as a scientist writes it."""

from pathlib import Path
from typing import Any

from orchestrator.campaign_file import load_text
from orchestrator.domain.samples import SamplesSpec
from orchestrator.domain.space import Continuous

TEXT = """\
name: holder
instrument: {type: sample-changer}
samples:
  - {id: A1, position: 1}
  - {id: A2, position: 2}
  - {id: A3, position: 3}
reward: {signal: fluorescence, goal: maximise}
agent: random
fallback: random
stages:
  load: {plan: {name: mount, args: {position: $sample.position}}}
  align:
    space: {x: {limits: [-2, 2]}, y: {limits: [-2, 2]}}
    budget: {trials: 3}
    succeeds_when: {fluorescence: {at_least: 100}}
  measure:
    origin: align
    space: {x: {limits: [-0.5, 0.5]}, energy: {limits: [7115, 7140]}}
    budget: {trials: 2}
"""
AXES = {
    "x": Continuous(limits=(-5, 5), unit="mm"),
    "y": Continuous(limits=(-5, 5), unit="mm"),
    "energy": Continuous(limits=(7100, 7160), unit="eV"),
}


def text(*changes: tuple[str, str]) -> str:
    written = TEXT
    for old, new in changes:
        assert old in written, old
        written = written.replace(old, new, 1)
    return written


def spec(*changes: tuple[str, str], **top: Any) -> SamplesSpec:
    found = load_text(text(*changes), "holder.yaml", Path()).spec
    assert isinstance(found, SamplesSpec)
    return found.model_copy(update=top)
