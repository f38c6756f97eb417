"""What a plan's signature says, and how a call of it is made."""

from collections.abc import Generator, Sequence
from typing import Any

import pytest
from bluesky.plans import count, scan
from bluesky.utils import Msg

from instruments.beamline.calling import Allowed, call_plan, with_a_run, within_limits
from instruments.beamline.signatures import describe_plan, is_plan
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.instrument import MeasureRequest
from orchestrator.domain.measuring import PlanCall
from orchestrator.domain.records import TrialKind


class Motor:
    name = "x"
    parent = None


class Diode:
    name = "diode"
    parent = None


def sweep(
    dets: list[Any], motor, start: float, stop: float | None = None, *, num: int, label: str = "", back: bool = True
) -> Generator[Msg]:
    yield Msg("null", (dets, motor, start, stop, num, label, back))


def kinds(plan: Any) -> dict[str, str]:
    return {parameter.name: parameter.kind for parameter in describe_plan(plan).parameters}


def test_a_signature_tells_what_each_argument_takes():
    told = {
        "dets": "anything",
        "motor": "device",
        "start": "number",
        "stop": "number",
        "num": "integer",
        "label": "text",
        "back": "boolean",
    }
    assert kinds(sweep) == told
    assert [one.name for one in describe_plan(sweep).parameters if one.is_required] == ["dets", "motor", "start", "num"]


def test_blueskys_own_plans_are_understood():
    assert is_plan(count)
    assert kinds(count)["detectors"] == "devices"
    assert kinds(scan)["args"] == "positional"


@pytest.mark.parametrize("value", [print, Motor, Motor(), 3])
def test_other_things_are_no_plans(value: object):
    assert not is_plan(value)


def allowed(**limits: tuple[float, float, str]) -> Allowed:
    motor, diode = Motor(), Diode()
    devices = {"x": motor, "diode": diode}
    plans = {"sweep": sweep, "star": star}
    return Allowed(
        plans, {name: describe_plan(plan) for name, plan in plans.items()}, devices, {"x": motor}, limits, frozenset({"furnace"})
    )


def star(detectors: Sequence[Any], *args: Any, num: int = 5) -> Generator[Msg]:
    yield Msg("null", (detectors, args, num))


def first_call(call: PlanCall, **point: float) -> Any:
    lent = allowed()
    request = MeasureRequest(campaign="c", trial=1, attempt=1, kind=TrialKind.AGENT, point=point, signals=(), seed=0, token=1, plan=call)
    messages = [message for message in call_plan(lent, request) if isinstance(message.obj, tuple)]
    return lent, messages[0].obj


def test_devices_and_parameters_fill_the_arguments_by_name():
    lent, (dets, motor, start, stop, num, label, _back) = first_call(
        PlanCall(name="sweep", args={"dets": ["diode"], "motor": "x", "start": "$a", "num": 7, "label": "x"}), a=0.25
    )
    assert (dets, motor, start, stop, num) == ([lent.devices["diode"]], lent.devices["x"], 0.25, None, 7)
    assert label == "x", "a text stays a text"


def test_a_list_fills_the_arguments_behind_a_star():
    lent, (dets, args, num) = first_call(PlanCall(name="star", args={"detectors": ["diode"], "args": ["x", -1, "$a"], "num": 3}), a=2.0)
    assert (dets, args, num) == ([lent.devices["diode"]], (lent.devices["x"], -1, 2.0), 3)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({"dets": [], "motor": "furnace", "start": 1, "num": 1}, "the site allows no device"),
        ({"dets": ["furnace"], "motor": "x", "start": 1, "num": 1}, "the site allows no device"),
        ({"dets": [], "motor": "x", "start": "$b", "num": 1}, "cannot be called so: 'b'"),
        ({"dets": [], "motor": "x", "start": 1}, "missing a required argument: 'num'"),
    ],
)
def test_a_call_that_cannot_be_made_is_refused_before_its_first_message(args: dict[str, Any], said: str):
    with pytest.raises(InstrumentError, match=said):
        first_call(PlanCall(name="sweep", args=args), a=1.0)


def test_a_plan_that_goes_too_far_is_ended_and_cleans_up():
    lent = allowed(x=(-1.0, 1.0, "mm"))
    heard: list[Msg] = []

    def plan() -> Generator[Msg, Any, None]:
        try:
            yield Msg("set", lent.axes["x"], 0.5)
            yield Msg("set", lent.axes["x"], 1.5)
        finally:
            yield Msg("null", "cleaned up")

    with pytest.raises(InstrumentError, match=r"would send x to 1.5 mm, outside \[-1, 1\] mm"):
        heard.extend(within_limits(plan(), lent))
    assert [(message.command, message.args or message.obj) for message in heard] == [("set", (0.5,)), ("null", "cleaned up")]


def robot(*, runs: int) -> Generator[Msg]:
    """Mount a sample, reading nothing; or read it, in a run of its own."""
    yield Msg("sleep", None, 1)
    for _ in range(runs):
        yield Msg("open_run")
        yield Msg("close_run")


@pytest.mark.parametrize("runs", [0, 1])
def test_a_plan_that_only_loads_a_sample_has_one_run_on_record_all_the_same(runs: int):
    request = MeasureRequest(
        campaign="n~A1~load", trial=1, attempt=1, kind=TrialKind.AGENT, point={}, signals=(), plan=PlanCall(name="robot"), seed=0, token=1
    )
    messages = list(with_a_run(robot(runs=runs), request))
    assert [message.command for message in messages] == ["sleep", "open_run", "close_run"]
    if not runs:
        assert messages[1].kwargs["nightshift"]["campaign"] == "n~A1~load"
        assert messages[1].kwargs["plan_name"] == "robot"
