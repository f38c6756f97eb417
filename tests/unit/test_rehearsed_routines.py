"""How often routines will come up, and what they take, before anything runs."""

import pytest

from orchestrator.bootstrap.rehearsed_routines import foresee_routines, pace_with_routines, times_due
from orchestrator.domain.instrument import PlanDescription
from orchestrator.domain.routines import Routine
from orchestrator.domain.spec import CampaignSpec
from tests.unit.engine.test_routines import Story

PLANS = {"take_dark": PlanDescription(kind="dark", seconds=5.0), "realign": PlanDescription(kind="alignment", seconds=60.0)}


@pytest.mark.parametrize(("n", "total"), [(1, 1), (3, 7), (5, 12), (5, 10), (20, 4)])
def test_the_forecast_is_what_the_engine_does(n: int, total: int):
    written = {"plan": "take_dark", "kind": "dark", "trials": n}
    story, taken = Story(written), 0
    for _ in range(total):
        if story.due() is not None:
            story.routine("take_dark", "dark")
            taken += 1
        story.trial()
    assert times_due(Routine.model_validate(written), total, 0.0) == taken


def test_a_night_with_darks_and_realignment_is_longer_by_what_they_take():
    every = [{"plan": "take_dark", "kind": "dark", "trials": 10}, {"plan": "realign", "kind": "alignment", "minutes": 60}]
    written = {"name": "n", "instrument": "site", "reward": {"signal": "flux"}, "measure": {"exposure": 2.0}, "every": every}
    spec = CampaignSpec.model_validate(written)
    dark, realign = foresee_routines(spec, PLANS, 100, 7300.0)
    assert (dark.times, dark.seconds, dark.exposure_s) == (10, 50.0, 0.0)
    assert (realign.times, realign.seconds, realign.exposure_s) == (2, 120.0, 0.0)
    assert pace_with_routines(spec, PLANS, 30.0) == pytest.approx(30.0 * (1 + 60.0 / 3600.0) + 5.0 / 10.0)
