"""The ring loses its beam at the worst moments; the IOC's own log is the referee, never our ledger."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from instruments.simulated.companion import SoftIoc
from instruments.simulated.faults import BeamDump, DumpPhase
from orchestrator import bootstrap
from orchestrator.bootstrap import Switch
from orchestrator.campaign_file import load
from orchestrator.domain import events as ev
from orchestrator.domain.campaign import Status
from orchestrator.domain.events import LedgerEvent
from orchestrator.testing.fakes import SilentLive
from tests.scenarios import beamline
from tests.scenarios.beamline import Span

TIME_SCALE = 0.02
PHASES: tuple[DumpPhase, ...] = ("thinking", "moving", "exposing", "inside")


def night(
    folder: Path, faults: Sequence[BeamDump], *, n_trials: int, seed: int = 7, **options: Any
) -> tuple[Path, tuple[LedgerEvent, ...]]:
    """Run a campaign to its end; return the IOC's log and the ledger."""
    log = folder / "ioc.jsonl"
    with (
        SoftIoc(prefix=f"DUMP{seed}:", time_scale=TIME_SCALE, faults=faults, log=log) as ioc,
        bootstrap.open_workplace(f"sqlite:///{folder / 'ledger.db'}") as workplace,
    ):
        spec = beamline.write_spec(folder, ioc, n_trials=n_trials, seed=seed, **options)
        outcome = bootstrap.run(workplace, load(str(spec)), live=SilentLive(), switch=Switch(), writes_report=False)
        assert (outcome.status, outcome.trials) == (Status.COMPLETED, n_trials)
        return log, bootstrap.load_events(workplace, outcome.campaign)


def scored_attempts(events: Sequence[LedgerEvent]) -> set[str]:
    """Return the attempts whose readings were scored."""
    scored = {event.data.trial for event in events if isinstance(event.data, ev.TrialScored)}
    measured = [event.data.observation for event in events if isinstance(event.data, ev.TrialMeasured)]
    return {f"{events[0].stream}/{observation.trial}/{observation.attempt}" for observation in measured if observation.trial in scored}


def check_referee(log: Path, events: Sequence[LedgerEvent], n_trials: int) -> set[str]:
    """Check that no scored reading was contaminated; return the attempts that were."""
    scored, spans = scored_attempts(events), beamline.attempts(log)
    assert len(scored) == n_trials
    assert scored <= set(spans)
    contaminated = beamline.contaminated(spans, beamline.dumps(log))
    assert not scored & contaminated
    fractions = {line["attempt"]: line["beam_fraction"] for line in beamline.lines(log, "exposed")}
    assert {fractions[attempt] for attempt in scored} == {1.0}
    return contaminated


@pytest.mark.usefixtures("odd_agents")
def test_no_reading_taken_during_a_beam_dump_is_scored(tmp_path: Path) -> None:
    faults = [BeamDump(trial=trial, phase=phase, duration=8.0) for trial, phase in enumerate(PHASES, start=1)]
    log, events = night(tmp_path, faults, n_trials=5, agent={"type": "thoughtful", "seconds": 0.3})
    contaminated = check_referee(log, events, 5)
    campaign, lost = events[0].stream, beamline.dumps(log)
    spans, exposed = beamline.attempts(log), beamline.exposures(log)
    thought_over = Span(exposed[f"{campaign}/1/1"].end, spans[f"{campaign}/2/1"].begin)
    assert any(thought_over.holds(dump) for dump in lost)
    assert any(exposed[f"{campaign}/4/1"].holds(dump) for dump in lost)
    assert contaminated >= {f"{campaign}/{trial}/1" for trial in (2, 3, 4)}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_no_reading_is_scored_when_every_trial_meets_a_dump(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    faults = [
        BeamDump(trial=trial, phase=draw.choice(PHASES), duration=draw.uniform(0.1, 20.0), delay=draw.uniform(0.0, 5.0))
        for trial in range(1, 16)
    ]
    log, events = night(tmp_path, faults, n_trials=15, seed=seed)
    check_referee(log, events, 15)
    assert len(beamline.dumps(log)) >= 15
