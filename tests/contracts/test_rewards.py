"""Every reward and analyser found by entry point."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from orchestrator import plugins
from orchestrator.domain.spec import Plugin
from orchestrator.testing.light_import import check_imports_are_light
from orchestrator.testing.reward_contract import check_analyser, check_reward, observation_of

CHANNELS = np.arange(200.0)
SPECTRUM = 5.0 + 100.0 * np.exp(-0.5 * ((CHANNELS - 80.0) / 6.0) ** 2)
ROWS, COLUMNS = np.indices((48, 64))
IMAGE = 10.0 + 200.0 * np.exp(-0.5 * (((ROWS - 20) / 4.0) ** 2 + ((COLUMNS - 30) / 6.0) ** 2))

SETTINGS: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "scalar": ({"signal": "counts"}, {"signal": "counts", "goal": "minimise"}, {"signal": "counts", "goal": "target", "target": 3.0}),
    "composite": ({"parts": {"light": {"signal": "counts"}, "width": {"signal": "width", "goal": "target", "target": 2, "weight": 0.5}}},),
    "spectrum": (
        {"signal": "spectrum", "like": list(SPECTRUM[::-1])},
        {"signal": "spectrum", "like": list(SPECTRUM[::-1]), "compare": "rms"},
        {"signal": "spectrum", "analyser": "peak", "feature": "fwhm", "goal": "minimise"},
    ),
    "pca": ({"spectra": [list(SPECTRUM), list(SPECTRUM[::-1]), list(SPECTRUM + CHANNELS)], "components": 2},),
    "image": ({"signal": "camera", "feature": "size", "goal": "minimise"},),
}
"""What to build each with; one that is not named here is built without settings."""


def cases(kind: plugins.Kind) -> list[Any]:
    return [
        pytest.param(found.name, settings, id=f"{found.name}-{number}")
        for found in plugins.found(kind)
        for number, settings in enumerate(SETTINGS.get(found.name, ({},)), start=1)
    ]


@pytest.mark.parametrize(("name", "settings"), cases("reward"))
def test_a_reward_keeps_its_contract(name: str, settings: Mapping[str, Any]):
    reward = plugins.build("reward", Plugin.model_validate({"type": name, **settings}))
    observation = observation_of({"counts": 4.0, "width": 1.5}, sds={"counts": 0.2, "width": 0.1})
    check_reward(reward, observation, {"spectrum": SPECTRUM, "camera": IMAGE})


@pytest.mark.parametrize(("name", "settings"), cases("analyser"))
def test_an_analyser_keeps_its_contract(name: str, settings: Mapping[str, Any]):
    analyser = plugins.build("analyser", Plugin.model_validate({"type": name, **settings}))
    check_analyser(analyser, IMAGE if "image" in name else SPECTRUM)


def test_rewards_and_analysers_import_nothing_heavy():
    check_imports_are_light([found.entry_point.module for kind in ("reward", "analyser") for found in plugins.found(kind)])
