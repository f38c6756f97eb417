"""The parameter that says how long each trial counts: it is counted, looked ahead for, foreseen, and refused where it cannot be one."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from orchestrator.cli.app import app
from orchestrator.domain.dose import DoseRule
from orchestrator.domain.errors import SpecError
from orchestrator.domain.instrument import PlanDescription
from orchestrator.domain.records import Answer
from orchestrator.domain.space import Space
from orchestrator.domain.spec import CampaignSpec
from orchestrator.guardians.base import NoSettings
from orchestrator.guardians.budget import BudgetGuardian
from orchestrator.preflight import check_exposure, check_routines, check_spec, with_kinds
from tests.unit.engine.conftest import Night, night
from tests.unit.guardians.scenes import a_context, a_trial
from tests.unit.test_plan_calls import DESCRIPTION
from tests.unit.test_rehearsing import CAMPAIGN as PLANNED
from tests.unit.test_rehearsing import campaign

__all__ = ["campaign", "night"]  # fixtures

CHOSEN = {"exposure_from": "x"}


def test_each_trial_counts_as_long_as_its_point_says(night: Callable[..., Night]) -> None:
    state = night(budget={"trials": 4}, measure=CHOSEN).drive()
    seen = [trial.observation for trial in state.trials]
    assert [each.exposure_s for each in seen if each is not None] == [float(trial.point["x"]) for trial in state.trials]
    assert state.exposure_s == pytest.approx(sum(float(trial.point["x"]) for trial in state.trials))


def test_the_budget_ends_once_not_even_the_shortest_has_room(night: Callable[..., Night]) -> None:
    space = {"x": {"limits": [2.0, 8.0]}}
    tonight = night(budget={"exposure": 30}, measure=CHOSEN, space=space)
    state = tonight.drive()
    assert state.exposure_s > 22.0
    assert tonight.spec.least_exposure == 2.0
    assert tonight.types()[-1] == "campaign-completed"


def test_one_that_a_person_fixed_is_the_shortest() -> None:
    assert spec().least_exposure == 0.5
    assert spec(fixed={"seconds": 3}).least_exposure == 3.0
    assert spec(measure={"exposure": 2}, fixed={"seconds": 3}).least_exposure == 2.0


def a_verdict(spent_s: float, chosen_s: float, **budget: float) -> Any:
    context = a_context(budget=budget, exposure_s=spent_s)
    chosen = context.state.spec.model_copy(update={"measure": context.state.spec.measure.model_copy(update=CHOSEN)})
    instrument = context.instrument.model_copy(update={"dose": DoseRule(factor=3.0, unit="kGy")})
    state = replace(context.state, spec=chosen, instrument=instrument)
    return BudgetGuardian(NoSettings()).review(a_trial(x=chosen_s, y=0.0), replace(context, state=state))


def test_the_guardian_looks_ahead_by_what_was_chosen() -> None:
    assert a_verdict(7.0, 3.0, exposure=10).answer is Answer.ALLOW
    assert a_verdict(7.0, 3.5, exposure=10).answer is Answer.STOP
    assert a_verdict(7.0, 3.5, exposure=10).reason.endswith("raise budget.exposure or keep x shorter, for example fix it")
    assert a_verdict(0.0, 4.0, dose=12).answer is Answer.ALLOW
    assert "dose would reach 13.5 kGy" in a_verdict(0.0, 4.5, dose=12).reason


def test_a_simulated_night_foresees_what_the_points_say(campaign: Path) -> None:
    text = PLANNED.replace(", exposure: 5}", ", exposure_from: seconds}").replace("width: $width", "width: $width, count_time: $seconds")
    text = text.replace("width: {limits: [1, 2], unit: mm}", "width: {limits: [1, 2], unit: mm}, seconds: {limits: [1, 4], unit: s}")
    points = "[{x: 2, width: 1, seconds: 1}, {x: 8, width: 2, seconds: 4}, {x: 5, width: 1, seconds: 4}]"
    campaign.write_text(text.replace("[{x: 2, width: 1}, {x: 8, width: 2}, {x: 5, width: 1}]", points))
    done = CliRunner().invoke(app, ["run", str(campaign), "--simulate", "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["exposure_s"], told["dose"]) == (pytest.approx(9.0), pytest.approx(3.6))
    checked = CliRunner().invoke(app, ["check", str(campaign)], catch_exceptions=False)
    assert "each trial counts as long as its seconds says" in checked.stdout + checked.stderr


def spec(**keys: Any) -> CampaignSpec:
    space = {"x": {"limits": [-1, 1]}, "seconds": {"limits": [0.5, 4], "unit": "s"}, "kind": {"values": ["a", "b"]}}
    written = {"name": "test", "instrument": "site", "space": space, "reward": {"signal": "diode"}}
    written |= {"metadata": {"proposal": "none"}}
    return CampaignSpec.model_validate({**written, "measure": {"exposure_from": "seconds"}, **keys})


@pytest.mark.parametrize(
    ("name", "space", "said"),
    [
        ("second", {}, r"measure.exposure_from = 'second' is no parameter of the space; did you mean 'seconds'"),
        ("kind", {}, "'kind' is categorical; name a parameter that is a number of seconds"),
        ("x", {}, "'x' begins at -1 s; give space.x a lower limit of 0 s or more"),
        ("seconds", {"unit": "ms"}, "'seconds' is set in ms; name a parameter in seconds, or write exposure: SECONDS"),
    ],
)
def test_what_cannot_say_how_long_is_refused(name: str, space: dict[str, Any], said: str) -> None:
    written = spec(measure={"exposure_from": name})
    parameters = {key: each.model_copy(update=space if key == "seconds" else {}) for key, each in written.space.items()}
    with pytest.raises(SpecError, match=said):
        check_exposure(written, Space(parameters=parameters))
    check_exposure(spec(), Space(parameters=spec().space))


def test_two_ways_to_say_how_long_are_refused() -> None:
    with pytest.raises(ValidationError, match="exposure and exposure_from = 'seconds' both say how long a trial counts; keep one"):
        spec(measure={"exposure": 2, "exposure_from": "seconds"})


def test_a_budget_that_the_shortest_exceeds_is_refused_and_one_that_it_spends_is_not() -> None:
    with pytest.raises(SpecError, match=r"= 0.2 s: one trial takes 0.5 s at least, where seconds begins; give at least that"):
        check_spec(spec(budget={"exposure": 0.2}), DESCRIPTION, {})
    check_spec(spec(budget={"exposure": 60}), DESCRIPTION, {})
    check_spec(spec(budget={"dose": 5}), DESCRIPTION.model_copy(update={"dose": DoseRule(factor=1.0)}), {})


def test_a_dark_has_no_point_to_take_it_from() -> None:
    site = DESCRIPTION.model_copy(update={"plans": {**DESCRIPTION.plans, "take_dark": PlanDescription(kind="dark")}})
    written = with_kinds(spec(every=[{"plan": "take_dark", "trials": 5}]), site)
    with pytest.raises(SpecError, match=r"every.0: nothing says how long it counts, since it has no seconds; write exposure: SECONDS"):
        check_routines(written, site, Space(parameters=written.space))
    timed = with_kinds(spec(every=[{"plan": "take_dark", "trials": 5, "exposure": 1}]), site)
    check_routines(timed, site, Space(parameters=timed.space))
