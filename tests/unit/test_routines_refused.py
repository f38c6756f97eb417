"""What a campaign file may not say under ``every``, and what it is told."""

from typing import Any

import pytest
from pydantic import ValidationError

from orchestrator.domain.errors import SpecError
from orchestrator.domain.instrument import InterlockDescription, PlanDescription
from orchestrator.domain.routines import Routine
from orchestrator.domain.spec import CampaignSpec
from orchestrator.preflight import check_routines, resolve_space, with_kinds
from tests.unit.test_plan_calls import DESCRIPTION

SITE = DESCRIPTION.model_copy(
    update={
        "plans": {**DESCRIPTION.plans, "take_dark": PlanDescription(kind="dark"), "settle": PlanDescription()},
        "interlocks": {"beam": InterlockDescription()},
    }
)


def campaign(*every: dict[str, Any]) -> CampaignSpec:
    return CampaignSpec.model_validate(
        {"name": "test", "instrument": "site", "space": {"x": {"limits": [-1, 1]}}, "reward": {"signal": "diode"}, "every": list(every)}
    )


def refusal(entry: dict[str, Any], **description: Any) -> str:
    spec, site = campaign(entry), SITE.model_copy(update=description)
    with pytest.raises(SpecError) as refused:
        check_routines(spec, site, resolve_space(spec, site, None))
    return str(refused.value)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"plan": "take_drak", "trials": 5}, "every.0.plan = \"take_drak\": the site allows no such plan; did you mean 'take_dark'?"),
        ({"plan": "settle", "trials": 5}, "every.0: nothing says what settle is for; write kind: alignment, dark, calibration, reference"),
        ({"plan": "peak_scan", "kind": "alignment", "trials": 5}, "every.0.plan: peak_scan needs detectors, motor, width too; add them"),
        ({"plan": "take_dark", "trials": 5, "args": {"frames": 3}}, "every.0.args.frames: take_dark takes no 'frames'"),
        ({"plan": "take_dark", "trials": 5, "args": {"at": "$x"}}, "every.0.args: $x: a routine has no point to take x from"),
        ({"kind": "reference", "trials": 5, "at": {"x": 7.0}}, "every.0.at: x = 7 mm is outside [-1, 1] mm"),
    ],
)
def test_a_routine_that_could_not_be_carried_out_is_refused_beforehand(entry: dict[str, Any], said: str) -> None:
    assert said in refusal(entry)


def test_waiting_for_a_beam_that_nobody_watches_is_refused() -> None:
    assert "the instrument watches no beam, so it never returns" in refusal({"plan": "take_dark", "after": "beam-return"}, interlocks={})


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"plan": "take_dark"}, "nothing says when; give trials, minutes, or after"),
        ({"plan": "take_dark", "trials": 0}, "greater than or equal to 1"),
        ({"plan": "take_dark", "minutes": -5}, "greater than 0"),
        ({"plan": "take_dark", "after": "lunch"}, "'start', 'sample', 'beam-return' or 'pause'"),
        ({"kind": "dark", "trials": 5}, "names no plan; give the plan to call, or kind: reference"),
        ({"plan": "take_dark", "trials": 5, "at": "first"}, "at is for a reference without a plan"),
        ({"kind": "reference", "trials": 5, "args": {"n": 1}}, "args are a plan's; name the plan"),
    ],
)
def test_an_entry_that_makes_no_sense_is_refused_as_it_is_read(entry: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Routine.model_validate(entry)


def test_two_entries_of_one_name_are_refused() -> None:
    with pytest.raises(ValidationError, match="two entries are called 'take_dark'; give each its own name"):
        campaign({"plan": "take_dark", "trials": 5}, {"plan": "take_dark", "minutes": 5})


def test_a_plans_kind_is_what_its_entry_in_the_site_file_says_unless_the_campaign_says_another() -> None:
    spec = campaign({"plan": "take_dark", "trials": 5}, {"plan": "take_dark", "name": "flat", "kind": "calibration", "trials": 5})
    assert [routine.kind for routine in with_kinds(spec, SITE).every] == ["dark", "calibration"]
