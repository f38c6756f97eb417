"""Campaigns to look at: one that runs on, one that waits for a person, one that is over, one over samples."""

from datetime import timedelta
from typing import Any

from instruments.sample_changer import SampleChanger, SampleChangerSettings
from orchestrator.bootstrap import open_workplace
from orchestrator.domain import events as ev
from orchestrator.domain.parts import SampleSkipped, StageEnded, StageStarted
from orchestrator.outbox.standing import FOLDER as OUTBOX
from orchestrator.outbox.standing import begin
from tests.builders import AXES, campaign_events
from tests.night import BEAM_SIZE, EVENING, FLUX, chain
from tests.unit.api.conftest import store
from tests.unit.samples.words import spec

FINISHED = "night-alignment-20251120-2130"
SAMPLES = "holder-20251120-2130"
TWO_GOALS = "flux-and-size-20251119-2130"
PART = f"{SAMPLES}~A3~align"

GOALS = (FLUX, BEAM_SIZE)

RUNNING = """
name: long-night
instrument: {type: dataset, data: crossed-barrel, seconds_per_trial: 2 s}
reward: {signal: toughness, goal: maximise}
agent: random
budget: {trials: 400}
"""

HELD = """
name: careful-night
instrument: {type: dataset, data: crossed-barrel}
reward: {signal: toughness, goal: maximise}
agent: sobol
approval: {mode: always, timeout: 45 min, on_timeout: skip}
budget: {trials: 40}
"""

FROM_THE_PAGE = """
name: from-the-page
instrument: {type: dataset, data: crossed-barrel, seconds_per_trial: 0.3 s}
reward: {signal: toughness, goal: maximise}
agent: random
approval: {first: 2}
budget: {trials: 300}
"""


def seed(ledger: str) -> None:
    """Put a finished campaign into a ledger: a beam loss, a refused suggestion, two axes to draw, and nothing that Tiled has had."""
    with open_workplace(ledger) as workplace:
        store(workplace, campaign_events(40, axes=AXES[:2]), FINISHED)
        store(workplace, campaign_events(30, axes=AXES[:2], objectives=GOALS), TWO_GOALS, GOALS)
        begin(workplace.folder / OUTBOX, FINISHED, ["Tiled"])
        store(workplace, campaign_events(40, axes=AXES[:2])[:60], PART)
        store(workplace, samples_events(), SAMPLES, ())


def samples_events() -> tuple[ev.LedgerEvent, ...]:
    """Return a night over three samples: one is through, one was never there, one was being aligned when somebody stopped."""
    missing = "no sample at position 2 of the holder"
    told = (
        ev.CampaignCreated(spec=spec(), instrument=SampleChanger(SampleChangerSettings()).describe()),
        ev.CampaignStarted(),
        *_stage("A1", "load", trials=1, best_score=1.0),
        *_stage("A1", "align", trials=3, best_score=612.4),
        *_stage("A1", "measure", trials=2, best_score=1070.2),
        *_stage("A2", "load", outcome="failed", reason=missing),
        SampleSkipped(sample="A2", reason=f"load failed: {missing}"),
        *_stage("A3", "load", trials=1, best_score=1.0),
        StageStarted(sample="A3", stage="align", part=PART),
        ev.CampaignStopped(reason="the night is over"),
    )
    at = (EVENING + timedelta(minutes=4 * index) for index in range(len(told)))
    return chain([ev.Draft(at=when, actor="engine", data=data) for when, data in zip(at, told, strict=True)], SAMPLES)


def _stage(sample: str, stage: str, **ended: Any) -> tuple[StageStarted, StageEnded]:
    begun = StageStarted(sample=sample, stage=stage, part=f"{SAMPLES}~{sample}~{stage}")
    return begun, StageEnded(sample=sample, stage=stage, **{"outcome": "succeeded", **ended})
