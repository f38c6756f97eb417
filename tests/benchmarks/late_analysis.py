"""Analysis of five minutes with exposures of half a minute: ``python -m tests.benchmarks.late_analysis [TRIALS] [TIMES FASTER]``.

The real loop (processes, RunEngine, SQLite ledger) with the Bayesian agent on measured data. The analysis is a thread that
answers each trial, through the same door as the command line, so long after its run has ended. The same campaign judged at
once stands beside it. How long the beam stood idle comes from the run's own start and stop documents.
"""

import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from orchestrator import bootstrap
from orchestrator.bootstrap import Switch, Workplace
from orchestrator.campaign_file import load
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.errors import UnknownCampaign
from orchestrator.domain.ports import LiveState
from orchestrator.queries import dead_figures, dead_times, our_seconds

EXPOSURE_S = 30.0
ANALYSIS_S = 300.0
_LOOK_S = 0.1


@dataclass(frozen=True, slots=True)
class Case:
    """One way to judge."""

    name: str
    reward: str
    is_late: bool = True


CASES = (
    Case("judged at once", "{signal: toughness, goal: maximise}", is_late=False),
    Case("12 may wait", "{type: external, name: toughness, max_pending: 12}"),
    Case("4 may wait", "{type: external, name: toughness, max_pending: 4}"),
)


class Silent:
    """Nobody is at the terminal."""

    def publish(self, live: LiveState) -> None:
        return

    def decide(self, trial: object) -> None:
        return


class Analysis:
    """Answers every trial so long after its run ended."""

    def __init__(self, place: Workplace, seconds: float) -> None:
        self._place = place
        self._seconds = seconds
        self.most = 0
        """Trials that waited at once."""

    def look(self) -> None:
        state = bootstrap.load_state(self._place, "last")
        self.most = max(self.most, len(state.awaiting))
        for number in sorted(state.awaiting):
            seen = state.trial(number).observation
            assert seen is not None
            if (datetime.now(UTC) - seen.finished_at).total_seconds() >= self._seconds:
                content = {"scores": {"": {"value": seen.readings["toughness"]}}}
                bootstrap.order(self._place, "score", "last", trial=number, content=content, actor="human:cluster", patience=2.0)

    @contextmanager
    def working(self) -> Iterator[None]:
        ended = threading.Event()

        def work() -> None:
            while not ended.wait(_LOOK_S):
                try:
                    self.look()
                except UnknownCampaign:
                    continue  # it has not begun yet

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


def measure(case: Case, n_trials: int, times_faster: float, folder: Path) -> str:
    """Return a row of the table."""
    spec = folder / "late.yaml"
    spec.write_text(f"""
name: late
instrument: {{type: dataset, data: crossed-barrel, seconds_per_trial: {EXPOSURE_S / times_faster}}}
reward: {case.reward}
agent: bayesian
budget: {{trials: {n_trials}}}
seed: 1
""")
    with bootstrap.open_workplace(f"sqlite:///{folder / 'ledger.db'}") as place:
        analysis = Analysis(place, ANALYSIS_S / times_faster)
        with patch.object(bootstrap.campaigns, "write_report", lambda *_: None), analysis.working():
            bootstrap.run(place, load(str(spec)), live=Silent(), switch=Switch(), wait=False)
        return row(case, place, analysis.most)


def row(case: Case, place: Workplace, most: int) -> str:
    state = bootstrap.load_state(place, "last")
    gaps = dead_times(bootstrap.load_events(place, "last"))
    dead = dead_figures(our_seconds(gaps))
    assert dead is not None
    waited = sum(gap.waited_s for gap in gaps)
    best = state.best_trial
    found = "–" if best is None or best.score is None else f"{best.score.objectives['toughness'].value:.1f}"
    return (
        f"{case.name:<16}{busy(state):>8.1%}{waited:>11.1f}{dead.median_s * 1e3:>13.0f}{dead.p95_s * 1e3:>10.0f}"
        f"{most:>9}{state.n_scored:>9}{found:>9}"
    )


def busy(state: CampaignState) -> float:
    """Return the share of the time from the first run's start to the last one's end in which one was measured."""
    seen = [trial.observation for trial in state.trials if trial.observation is not None]
    exposed = sum((each.finished_at - each.started_at).total_seconds() for each in seen)
    return exposed / (seen[-1].finished_at - seen[0].started_at).total_seconds()


def main() -> None:
    n_trials = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    times_faster = float(sys.argv[2]) if len(sys.argv) > 2 else 10.0
    head = f"{'':<16}{'busy':>8}{'waited, s':>11}{'median, ms':>13}{'p95, ms':>10}{'pending':>9}{'scored':>9}{'best, J':>9}"
    print(f"{n_trials} trials of {EXPOSURE_S:g} s, analysis {ANALYSIS_S:g} s after each; all of it {times_faster:g} times as fast\n")
    print(head)
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            print(measure(case, n_trials, times_faster, Path(folder)), flush=True)
    print(
        "\nbusy: of the time from the first run's start to the last one's end. waited: of it, for the analysis. median, p95: dead time\n"
        "between runs, for Nightshift. pending: most trials whose analysis was awaited at once."
    )


if __name__ == "__main__":
    main()
