"""Every instrument found by entry point, on a real RunEngine."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from orchestrator import plugins
from orchestrator.domain.spec import Plugin
from orchestrator.testing.instrument_contract import check_instrument
from orchestrator.testing.light_import import check_imports_are_light

SETTINGS: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "dataset": ({"data": "crossed-barrel"}, {"data": "agnp"}, {"data": "perovskite"}),
    "simulated-beamline": ({"time_scale": 0},),
}
"""What to build each with; one that is not named here is built without settings."""

ELSEWHERE = {
    "epics": "needs a soft IOC: checked in tests/integration",
    "rehearsal": "filled in by --simulate: checked in tests/unit/instruments/test_rehearsal.py",
    "site": "needs a profile: checked in tests/integration/test_bl99.py",
    "ophyd": "needs a site file: checked in tests/integration",
}


def cases() -> Iterator[Any]:
    for found in plugins.found("instrument"):
        skip = [pytest.mark.skip(reason=ELSEWHERE[found.name])] if found.name in ELSEWHERE else []
        for number, settings in enumerate(SETTINGS.get(found.name, ({},)), start=1):
            yield pytest.param(found.name, settings, id=f"{found.name}-{number}", marks=skip)


@pytest.mark.parametrize(("name", "settings"), list(cases()))
def test_an_instrument_keeps_its_contract(name: str, settings: Mapping[str, Any]):
    check_instrument(plugins.build("instrument", Plugin.model_validate({"type": name, **settings})))


@pytest.mark.parametrize("name", [found.name for found in plugins.found("instrument")])
def test_an_instrument_is_found_without_importing_its_devices(name: str):
    (found,) = [found for found in plugins.found("instrument") if found.name == name]
    check_imports_are_light([found.entry_point.module])
