"""Realistic campaigns for tests: a beamline is aligned through a night, the beam is lost once, a guardian refuses once."""

from collections.abc import Mapping, Sequence

import numpy as np

from orchestrator.domain import events as ev
from orchestrator.domain.base import Point, Setting
from orchestrator.domain.records import Acquisition, Evidence, Objective, Prediction, RunnerUp
from tests.night import AXES, BEAM_SIZE, CAMPAIGN, EVENING, FLUX, LIMITS, Night, chain, make_instrument, make_spec

__all__ = ["AXES", "BEAM_SIZE", "CAMPAIGN", "EVENING", "FLUX", "Night", "campaign_events", "chain", "make_instrument", "make_spec"]

_BEST: Mapping[str, float] = {"mirror_pitch": 3.04, "mirror_roll": -0.2, "crystal_pitch": 12.0, "slit_centre": -0.1}
_REWARDS: Mapping[str, Mapping[str, str]] = {
    "flux": {"type": "scalar", "name": "flux", "signal": "ion_chamber", "goal": "maximise"},
    "beam_size": {"type": "scalar", "name": "beam_size", "signal": "beam_width", "goal": "minimise"},
}


def flux(point: Point) -> float:
    """Return the ion chamber's noiseless current, nA: a Gaussian in every axis, a third of its range wide."""
    miss = sum(((float(point[name]) - _BEST[name]) / ((LIMITS[name][2] - LIMITS[name][1]) * 0.3)) ** 2 for name in point)
    return 1.0 + 119.0 * float(np.exp(-miss / 2))


def beam_size(point: Point) -> float:
    """Return the beam's width, µm: smallest a little away from where the flux is highest."""
    miss = sum(((float(point[name]) - _BEST[name]) / (LIMITS[name][2] - LIMITS[name][1]) - 0.1) ** 2 for name in point)
    return 12.0 + 90.0 * miss


def campaign_events(
    n_trials: int = 12,
    *,
    axes: Sequence[str] = AXES,
    n_initial: int = 4,
    dump_in: int | None = 5,
    veto_in: int | None = 8,
    objectives: tuple[Objective, ...] = (FLUX,),
    is_finished: bool = True,
    seed: int = 0,
    **spec_changes: object,
) -> tuple[ev.LedgerEvent, ...]:
    """Return a campaign's ledger events.

    Args:
        n_trials: Trials measured and scored; a vetoed suggestion is one more.
        axes: Which of ``AXES`` are moved.
        n_initial: Suggestions without a model before the first with evidence.
        dump_in: The trial during which the beam is lost once.
        veto_in: The suggestion a guardian refuses.
        objectives: ``FLUX``, ``BEAM_SIZE`` or both.
        is_finished: Whether the campaign has completed.
        seed: Of the noise and of the agent's choices.
        **spec_changes: Replace top-level keys of the spec.
    """
    rng = np.random.default_rng([seed, 99])
    changes: dict[str, object] = {"rewards": [_REWARDS[objective.name] for objective in objectives], "budget": {"trials": n_trials}}
    night = Night(make_spec(axes, seed=seed, **(changes | spec_changes)), objectives).begin()
    n_measured = 0
    while n_measured < n_trials:
        point = _next_point(night, axes, n_initial, rng)
        trial = night.suggest(point, _evidence(point, night.n_trials >= n_initial, objectives, rng))
        if trial == veto_in:
            night.veto(trial, f"{axes[0]} would step 0.5 {LIMITS[axes[0]][0]}, more than 0.3; allow larger steps or come nearer first")
            continue
        night.review(trial)
        night.start(trial)
        if trial == dump_in:
            night.dump_beam(trial, {"ion_chamber": 2.0, "beam_width": 80.0})
        values = {"flux": flux(point) * float(rng.normal(1, 0.01)), "beam_size": beam_size(point) + float(rng.normal(0, 0.3))}
        night.measure(trial, {"ion_chamber": values["flux"], "beam_width": values["beam_size"]}, seconds=float(rng.uniform(1.2, 4.0)))
        night.score(trial, **{objective.name: values[objective.name] for objective in objectives})
        n_measured += 1
    return (night.finish(f"all {n_trials} trials of the budget were measured") if is_finished else night).ledger()


def _next_point(night: Night, axes: Sequence[str], n_initial: int, rng: np.random.Generator) -> dict[str, float]:
    """Explore first, then close in on the optimum, the way an agent that learns does."""
    n_suggested = night.n_trials
    width = 1.0 if n_suggested < n_initial else max(0.02, 0.5 * 0.85 ** (n_suggested - n_initial))
    point = {}
    for name in axes:
        _, low, high = LIMITS[name]
        centre = rng.uniform(low, high) if n_suggested < n_initial else rng.normal(_BEST[name], width * (high - low) / 3)
        point[name] = float(np.clip(centre, low, high))
    return point


def _evidence(point: Point, has_model: bool, objectives: tuple[Objective, ...], rng: np.random.Generator) -> Evidence:
    if not has_model:
        return Evidence(reason="one of the first points, spread evenly before a model can say anything")
    others = [{name: _shifted(name, float(value), rng) for name, value in point.items()} for _ in range(3)]
    acquisitions = sorted(rng.uniform(-3.0, -2.0, size=3), reverse=True)
    runners_up = tuple(
        RunnerUp(point=other, predicted=_predict(other, objectives, rng), acquisition=float(value))
        for other, value in zip(others, acquisitions, strict=True)
    )
    return Evidence(
        reason="the noisy expected improvement is largest here",
        predicted=_predict(point, objectives, rng),
        acquisition=Acquisition(name="noisy expected improvement", is_log=True, value=float(rng.uniform(-1.9, -0.5))),
        runners_up=runners_up,
        model={"lengthscales": dict.fromkeys(point, 0.3), "noise_sd": 0.01, "n_fitted": 10},
        seconds={"fit": 0.18, "optimise": 0.15},
    )


def _shifted(name: str, value: float, rng: np.random.Generator) -> float:
    """Return a setting a tenth of the range away, within the limits."""
    _, low, high = LIMITS[name]
    return float(np.clip(value + rng.normal(0, 0.1) * (high - low), low, high))


def _predict(point: Mapping[str, Setting], objectives: tuple[Objective, ...], rng: np.random.Generator) -> dict[str, Prediction]:
    """Return honest predictions: off by their own standard deviation."""
    truths = {"flux": (flux(point), 4.0), "beam_size": (beam_size(point), 1.5)}
    return {
        objective.name: Prediction(
            mean=truths[objective.name][0] + float(rng.normal(0, truths[objective.name][1])), sd=truths[objective.name][1]
        )
        for objective in objectives
    }
