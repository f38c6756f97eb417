"""A plan's call, held against what the site allows, before anything is recorded."""

from typing import Any

import pytest

from orchestrator.domain.errors import SpecError
from orchestrator.domain.instrument import AxisDescription, InstrumentDescription, PlanDescription, PlanParameter, SignalDescription
from orchestrator.domain.space import Continuous
from orchestrator.domain.spec import CampaignSpec
from orchestrator.preflight import check_plan, check_spec, fitted, resolve_space, signals_of

DESCRIPTION = InstrumentDescription(
    identity="site:bl99",
    axes={"x": AxisDescription(parameter=Continuous(limits=(-5.0, 5.0), unit="mm"), field="x")},
    signals={"diode": SignalDescription(field="diode", unit="counts"), "i0": SignalDescription(field="i0", unit="counts")},
    plans={
        "peak_scan": PlanDescription(
            parameters=(
                PlanParameter(name="detectors", kind="devices", is_required=True),
                PlanParameter(name="motor", kind="device", is_required=True),
                PlanParameter(name="width", kind="number", is_required=True),
                PlanParameter(name="num", kind="integer"),
            )
        )
    },
    devices={"x": (), "diode": ("diode",), "i0": ("i0",)},
    metadata={"proposal": "text"},
)
ARGS = {"detectors": ["diode", "i0"], "motor": "x", "width": "$width"}


def spec(args: dict[str, Any] | None = None, **changes: Any) -> CampaignSpec:
    written = {
        "name": "test",
        "instrument": "site",
        "measure": {"plan": {"name": "peak_scan", "args": ARGS | (args or {})}},
        "space": {"x": {"limits": [-1, 1]}, "width": {"limits": [0.1, 1], "unit": "mm"}},
        "reward": {"signal": "diode"},
        "metadata": {"proposal": "mx1234"},
    }
    return CampaignSpec.model_validate({**written, **changes})


def check(campaign: CampaignSpec) -> None:
    description = fitted(DESCRIPTION, campaign)
    check_plan(campaign, description)
    resolve_space(campaign, description, None)
    check_spec(campaign, description, {})


def test_parameters_that_fill_arguments_are_searched_like_axes_and_read_back_nowhere():
    campaign = spec()
    check(campaign)
    description = fitted(DESCRIPTION, campaign)
    assert set(resolve_space(campaign, description, None).parameters) == {"x", "width"}
    assert description.axes["width"].field == ""


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"args": {"motor": "furnace"}}, 'plan.args.motor = "furnace": the site allows no such device; choose from x, diode, i0'),
        ({"args": {"detectors": ["pilatus"]}}, 'args.detectors = "pilatus": the site allows no such device'),
        ({"args": {"detectors": "diode"}}, 'takes a list of devices; write ["diode"]'),
        ({"args": {"num": 1.5}}, "args.num = 1.5: takes a whole number"),
        ({"args": {"num": True}}, "args.num = true: takes a whole number"),
        ({"args": {"width": "wide"}}, 'args.width = "wide": takes a number'),
        ({"args": {"num": "$width"}}, "args.num = $width: takes a whole number, but space.width is continuous; write type: integer"),
        ({"args": {"width": "$wdith"}}, "args.width = $wdith: space has no parameter 'wdith'"),
        ({"args": {"with": 1}}, "peak_scan takes no 'with'; did you mean 'width'?"),
        ({"measure": {"plan": "peak_scan"}, "space": {"x": {"limits": [-1, 1]}}}, "needs detectors, motor, width too; add them"),
        (
            {"measure": {"plan": "peek_scan"}, "space": {"x": {"limits": [-1, 1]}}},
            "the site allows no such plan; did you mean 'peak_scan'?",
        ),
        ({"metadata": {}}, "the site needs 'proposal' (a text); add metadata.proposal"),
        ({"metadata": {"proposal": 7}}, "metadata.proposal = 7: the site needs a text"),
    ],
)
def test_a_call_that_could_not_be_made_is_refused_beforehand(changes: dict[str, Any], said: str):
    with pytest.raises(SpecError) as refused:
        check(spec(**changes))
    assert said in str(refused.value)


def test_an_instrument_without_plans_calls_none():
    campaign = spec()
    description = fitted(DESCRIPTION.model_copy(update={"plans": {}}), campaign)
    with pytest.raises(SpecError, match=r"lets campaigns call no plans; leave measure\.plan out"):
        check_plan(campaign, description)


@pytest.mark.parametrize(
    ("measure", "rewarded", "read"),
    [
        ({"plan": {"name": "peak_scan", "args": ARGS}}, [], ("diode", "i0")),
        ({"plan": {"name": "peak_scan", "args": ARGS}}, ["diode"], ("diode",)),
        ({"plan": {"name": "peak_scan", "args": ARGS}, "derive": {"peak": {"take": "max", "of": "diode"}}}, ["peak"], ("peak",)),
        ({"plan": {"name": "peak_scan", "args": ARGS}, "signals": ["i0"]}, ["diode"], ("i0",)),
        ({}, ["diode"], ()),
    ],
)
def test_a_plans_signals_are_those_asked_for_else_derived_else_its_detectors(measure: Any, rewarded: list[str], read: tuple[str, ...]):
    campaign = spec(measure=measure)
    assert signals_of(campaign, fitted(DESCRIPTION, campaign), rewarded) == read


def test_a_derived_signal_has_the_unit_of_what_it_is_taken_from():
    derive = {
        "peak": {"take": "max", "of": "diode"},
        "ratio": {"take": "ratio", "of": ["diode", "i0"]},
        "said": {"take": "sum", "of": "diode", "unit": "kcounts"},
    }
    signals = fitted(DESCRIPTION, spec(measure={"derive": derive})).signals
    assert {name: signals[name].unit for name in derive} == {"peak": "counts", "ratio": "", "said": "kcounts"}
