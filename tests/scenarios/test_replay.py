"""A fresh agent process, shown only what came before each decision, wants the same points; a changed one is found out."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestrator import bootstrap, processes
from orchestrator.bootstrap import Outcome, Switch, Workplace
from orchestrator.campaign_file import load, load_text
from orchestrator.cli.app import app
from orchestrator.domain import events as ev
from orchestrator.domain.campaign import Status, TrialStatus
from orchestrator.domain.space import show_point
from orchestrator.testing.fakes import SilentLive
from tests.scenarios import perturbed_worker

_ROOT = Path(__file__).parents[2]
_BEGIN = f"import sys; sys.path.insert(0, {str(_ROOT)!r}); from tests.scenarios.perturbed_worker import main; main()"


def run(workplace: Workplace, folder: Path, *, n_trials: int, n_initial: int) -> Outcome:
    spec = folder / "barrels.yaml"
    spec.write_text(f"""
name: barrels
instrument: {{type: dataset, data: crossed-barrel}}
reward: {{signal: toughness}}
agent: {{type: bayesian, n_initial: {n_initial}}}
budget: {{trials: {n_trials}}}
""")
    return bootstrap.run(workplace, load(str(spec)), live=SilentLive(), switch=Switch(), writes_report=False)


def test_a_perturbed_acquisition_is_found_at_the_first_trial_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    with bootstrap.open_workplace(url) as workplace:
        campaign = run(workplace, tmp_path, n_trials=8, n_initial=4).campaign
        same = bootstrap.replay(workplace, campaign)
        assert (same.n_decisions, same.n_model_based, same.difference) == (8, 4, None)
        recorded = [event.data.point for event in bootstrap.load_events(workplace, campaign) if isinstance(event.data, ev.TrialSuggested)]
    monkeypatch.setattr(processes, "_BEGIN", _BEGIN)
    perturbed = CliRunner().invoke(app, ["replay", campaign, "--ledger", url])
    first = perturbed_worker.FIRST_TRIAL
    assert perturbed.exit_code == 1
    assert f"differs from trial {first}: recorded {show_point(recorded[first - 1])}; now " in perturbed.stdout


@pytest.mark.parametrize("agent", [pytest.param("sobol", marks=pytest.mark.slow), "{type: bayesian, n_initial: 3}"])
def test_parameters_in_any_order_are_replayed(tmp_path: Path, agent: str) -> None:
    """The Bayesian agent begins with the points of Sobol's, so that it alone shows both."""
    spec = tmp_path / "beamline.yaml"
    spec.write_text(f"""
name: beamline
instrument: {{type: simulated-beamline, time_scale: 0}}
space:
  slit_centre: {{limits: [-1, 1]}}
  crystal_pitch: {{limits: [-60, 60]}}
  mirror_roll: {{limits: [-1, 1]}}
reward: {{signal: flux}}
agent: {agent}
budget: {{trials: 5}}
""")
    with bootstrap.open_workplace(f"sqlite:///{tmp_path / 'ledger.db'}") as workplace:
        outcome = bootstrap.run(workplace, load(str(spec)), live=SilentLive(), switch=Switch(), writes_report=False)
        replayed = bootstrap.replay(workplace, outcome.campaign)
    assert (replayed.n_decisions, replayed.difference) == (5, None)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_sixty_trials_with_fifty_model_based_decisions_are_reproduced(tmp_path: Path) -> None:
    with bootstrap.open_workplace(f"sqlite:///{tmp_path / 'ledger.db'}") as workplace:
        campaign = run(workplace, tmp_path, n_trials=60, n_initial=10).campaign
        replayed = bootstrap.replay(workplace, campaign)
    assert (replayed.n_decisions, replayed.n_model_based, replayed.difference) == (60, 50, None)


def test_a_campaign_that_people_changed_while_it_ran_is_replayed(tmp_path: Path) -> None:
    text = """
name: beamline
instrument: {type: simulated-beamline, axes: [mirror_pitch, mirror_roll], time_scale: 0}
reward: {signal: flux}
agent: random
approval: {first: 1}
budget: {trials: 6}
"""
    with bootstrap.open_workplace(f"sqlite:///{tmp_path / 'ledger.db'}") as workplace:
        campaign = bootstrap.create(workplace, load_text(text, "campaign.yaml", tmp_path), actor="human:anna")
        held = bootstrap.resume(workplace, campaign, live=SilentLive(), switch=Switch(), wait=False)
        assert held.status is Status.HELD
        point = {"mirror_pitch": 3.0, "mirror_roll": 0.25}
        for verb, content in (
            ("edit", {"point": point}),
            ("amend", {"change": {"type": "fix-parameter", "parameter": "mirror_roll", "value": 0.25}}),
            ("amend", {"change": {"type": "switch-agent", "agent": "sobol"}}),
            ("amend", {"change": {"type": "set-limits", "parameter": "mirror_pitch", "lower": 2.9, "upper": 3.1}}),
        ):
            assert bootstrap.order(workplace, verb, campaign, content=content, actor="human:bert").is_taken
        bootstrap.resume(workplace, campaign, live=SilentLive(), switch=Switch())
        trials = bootstrap.load_state(workplace, campaign).trials
        assert (trials[0].status, trials[1].role, trials[1].point) == (TrialStatus.VETOED, "human", point)
        assert {trial.agent for trial in trials[2:]} == {"sobol"}
        assert all(trial.point["mirror_roll"] == 0.25 and 2.9 <= float(trial.point["mirror_pitch"]) <= 3.1 for trial in trials[2:])
        replayed = bootstrap.replay(workplace, campaign)
        assert (replayed.n_decisions, replayed.difference) == (6, None)
        bootstrap.verify(workplace, campaign)
