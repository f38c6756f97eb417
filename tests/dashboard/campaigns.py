"""Campaigns to look at: one that runs on, one that waits for a person, one that is over."""

from orchestrator.bootstrap import open_workplace
from orchestrator.outbox.standing import FOLDER as OUTBOX
from orchestrator.outbox.standing import begin
from tests.builders import AXES, campaign_events
from tests.unit.api.conftest import store

FINISHED = "night-alignment-20251120-2130"

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
        begin(workplace.folder / OUTBOX, FINISHED, ["Tiled"])
