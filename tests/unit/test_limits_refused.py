"""Agents that would leave a safe region are refused before anything moves; those that only ignore a learned limit are named."""

from pathlib import Path

import pytest

from orchestrator import bootstrap
from orchestrator.campaign_file import load
from orchestrator.domain.errors import SpecError

SAFE = """
name: film
instrument: {type: simulated-beamline, axes: [slit_gap], time_scale: 0}
reward: {signal: spot_size, goal: minimise}
limits: {flux: {at_least: 20000, safe: true}}
safe_start: [{slit_gap: 3.0}]
budget: {trials: 3}
"""


def check(folder: Path, text: str) -> tuple[str, ...]:
    path = folder / "film.yaml"
    path.write_text(text, encoding="utf-8")
    return bootstrap.check(load(str(path))).lines


def test_a_safe_campaign_is_checked_and_falls_back_on_known_safe_points(tmp_path: Path) -> None:
    lines = check(tmp_path, SAFE)
    assert "agent bayesian (at most 120 s a suggestion), then known-safe" in lines
    assert "limit flux ≥ 20000, safe: the search stays where its model is sure of it" in lines


@pytest.mark.parametrize("role", ["agent", "fallback"])
def test_an_agent_that_does_not_heed_limits_is_refused_where_one_is_safe(tmp_path: Path, role: str) -> None:
    with pytest.raises(SpecError, match=rf"{role} sobol: the limit on flux is safe, .* choose one that does \(bayesian, known-safe\)"):
        check(tmp_path, f"{SAFE}{role}: sobol\n")


def test_an_agent_that_ignores_a_learned_limit_is_named(tmp_path: Path) -> None:
    learned = SAFE.replace(", safe: true", "").replace("safe_start: [{slit_gap: 3.0}]\n", "agent: random\n")
    lines = check(tmp_path, learned)
    assert "agent random does not heed limits: it goes anywhere, and they only decide which point is the best" in lines


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("safe_start: [{slit_gap: 3.0}]", ""), "flux is safe, but safe_start names no point"),
        (("slit_gap: 3.0", "slit_gap: 9.0"), r"safe_start.0: slit_gap = 9 mm is outside .* give a point of the space"),
        (("limits: {flux:", "limits: {fluks:"), "called 'fluks'; did you mean 'flux'"),
    ],
)
def test_what_cannot_be_kept_to_is_refused_with_its_line(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        check(tmp_path, SAFE.replace(*change))
