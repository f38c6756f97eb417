"""An exposure that cannot be chosen is refused before anything moves."""

from pathlib import Path

import pytest

from orchestrator import AskTell, bootstrap
from orchestrator.campaign_file import load
from orchestrator.domain.errors import BadInput, SpecError

CAMPAIGN = """
name: film
instrument: {type: simulated-beamline, axes: [slit_centre, slit_gap], time_scale: 0}
reward: {signal: spot_size, goal: minimise}
agent: {type: bayesian, cost: time, exposure: slit_gap}
space:
  slit_centre: {limits: [-1, 1]}
  slit_gap: {limits: [0.5, 3]}
budget: {trials: 3}
"""


def check(folder: Path, text: str) -> tuple[str, ...]:
    path = folder / "film.yaml"
    path.write_text(text, encoding="utf-8")
    return bootstrap.check(load(str(path))).lines


def test_an_exposure_that_can_be_chosen_passes(tmp_path: Path) -> None:
    assert any("agent bayesian" in line for line in check(tmp_path, CAMPAIGN))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("exposure: slit_gap", "exposure: slit_gab"),
            "agent bayesian: exposure = 'slit_gab' is no parameter of the space; did you mean 'slit_gap'",
        ),
        (
            ("exposure: slit_gap", "exposure: slit_centre"),
            "agent bayesian: exposure = 'slit_centre' begins at -1 mm; give space.slit_centre a lower",
        ),
        (("cost: time, ", ""), "exposure = 'slit_gap' needs cost: time"),
        (("budget:", "constraints: [{weights: {slit_centre: 1, slit_gap: 1}, upper: 3}]\nbudget:"), "bound to others by a constraint"),
        (("reward: {signal: spot_size, goal: minimise}", "rewards: [{signal: spot_size, goal: minimise}, {signal: flux}]"), "there are 2"),
    ],
)
def test_one_that_cannot_is_refused_by_check(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        check(tmp_path, CAMPAIGN.replace(*change))


def test_a_loop_of_ones_own_refuses_it_too() -> None:
    with pytest.raises(BadInput, match="exposure = 'count_time' is no parameter of the space"):
        AskTell({"x": {"limits": [0, 1]}}, agent={"type": "bayesian", "cost": "time", "exposure": "count_time"})
