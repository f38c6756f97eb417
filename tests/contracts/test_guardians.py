"""Every guardian found by entry point, before quiet and troubled trials."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from orchestrator import plugins
from orchestrator.domain.spec import Plugin
from orchestrator.guardians.defaults import ALWAYS
from orchestrator.testing.guardian_contract import check_guardian
from orchestrator.testing.light_import import check_imports_are_light
from tests.unit.guardians.scenes import a_breach, a_context, a_trial, an_observation

SETTINGS: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "forbidden-region": (
        {"boxes": [{"name": "beam stop", "within": {"x": [4, 6]}}]},
        {"spheres": [{"centre": {"x": 5, "y": 5}, "radius": 1}], "check_path": False},
    ),
    "step-size": ({"largest": {"x": 1}}, {"largest": {"x": 1}, "answer": "veto"}),
    "travel": ({"largest": {"x": 3}},),
}
"""What to build each with; one that is not named here is built without settings."""

CASES = [
    pytest.param(found.name, settings, id=f"{found.name}-{number}")
    for found in plugins.found("guardian")
    for number, settings in enumerate(SETTINGS.get(found.name, ({},)), start=1)
]


@pytest.mark.parametrize(("name", "settings"), CASES)
def test_a_guardian_keeps_its_contract(name: str, settings: Mapping[str, Any]):
    guardian = plugins.build("guardian", Plugin.model_validate({"type": name, **settings}))
    quiet = a_context(positions={"x": 1.0, "y": 1.0}, last_positions={"x": 1.0, "y": 1.0})
    troubled = a_context(positions={"x": 1.0, "y": 1.0}, last_positions={"x": 8.0, "y": 1.0}, budget={"exposure": 0.5}, exposure=1.0)
    check_guardian(guardian, a_trial(x=2.0, y=1.0), an_observation(x=2.0, y=1.0), quiet)
    spoilt = an_observation(setpoint={"x": 50.0, "y": 1.0}, readback={"x": 3.0, "y": 1.0}, readings={"counts": None}, breaches=[a_breach()])
    for n_rejected in range(3):
        check_guardian(guardian, replace(a_trial(x=50.0, y=1.0), n_rejected=n_rejected), spoilt, troubled)


def test_the_guardians_that_always_watch_are_installed():
    assert set(ALWAYS) <= {found.name for found in plugins.found("guardian")}


@pytest.mark.parametrize("name", ALWAYS)
def test_a_guardian_that_always_watches_needs_no_settings(name: str):
    assert plugins.build("guardian", Plugin(type=name)).name == name


def test_guardians_import_nothing_heavy():
    check_imports_are_light([found.entry_point.module for found in plugins.found("guardian")])
