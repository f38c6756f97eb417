"""What every instrument must do, checked on a real RunEngine. For authors of instruments: call ``check_instrument``."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from orchestrator.domain.base import Point, Setting
from orchestrator.domain.instrument import InstrumentDescription, MeasureRequest, SignalDescription
from orchestrator.domain.protocols import Instrument
from orchestrator.domain.records import Breach, TrialKind
from orchestrator.domain.space import Categorical, Continuous, Integer, Ordinal, Parameter, problem_with

SMALLEST_FRACTION = 1e-6
"""A readback without a tolerance of its own may miss its setpoint by this fraction of the axis's span."""


@cache
def run_engine() -> Any:
    """Return this process's only RunEngine: a second one would take the event loop that devices use."""
    from bluesky import RunEngine

    return RunEngine({}, call_returns_result=True, context_managers=[])


@dataclass(eq=False)
class Documents:
    """What one plan emitted, in order."""

    named: list[tuple[str, Any]] = field(default_factory=list[tuple[str, Any]])

    def __call__(self, name: str, document: Any) -> None:
        self.named.append((name, document))

    def of(self, name: str) -> list[Any]:
        return [document for kind, document in self.named if kind == name]

    def primary_descriptors(self) -> list[Any]:
        return [descriptor for descriptor in self.of("descriptor") if descriptor["name"] == "primary"]

    def primary_events(self) -> list[Any]:
        uids = {descriptor["uid"] for descriptor in self.primary_descriptors()}
        return [event for event in self.of("event") if event["descriptor"] in uids]


def measure(instrument: Instrument, request: MeasureRequest) -> Documents:
    """Run the instrument's plan and return its documents."""
    documents = Documents()
    run_engine()(instrument.plan(request), documents)
    return documents


def request_for(description: InstrumentDescription, point: Point, *, trial: int = 1, attempt: int = 1) -> MeasureRequest:
    """Return a request for every signal at a point."""
    return MeasureRequest(
        campaign="contract",
        trial=trial,
        attempt=attempt,
        kind=TrialKind.AGENT,
        point=dict(point),
        exposure_s=0.01,
        signals=tuple(description.signals),
        seed=7,
        token=1,
        ledger_head="0" * 64,
        metadata={"sample": "contract"},
    )


def some_point(description: InstrumentDescription) -> Point:
    """Return a point the instrument says it can measure: the pool's last, or every axis a third of the way up."""
    if description.candidates:
        return description.candidates[-1]
    return {name: _inside(axis.parameter) for name, axis in description.axes.items()}


def check_instrument(instrument: Instrument, point: Point | None = None) -> None:
    """Assert everything Nightshift relies on; leaves the instrument closed.

    Args:
        instrument: Freshly built, free to move.
        point: Where to measure; default somewhere inside its own limits.
    """
    description = instrument.describe()
    check_description(description)
    instrument.connect()
    instrument.connect()
    point = some_point(description) if point is None else point
    request = request_for(description, point)
    check_documents(measure(instrument, request), description, request)
    check_positions(instrument, description, point)
    check_limits_are_refused(instrument, description, point)
    check_watch(instrument, description)
    check_secure(instrument)
    instrument.close()


def check_description(description: InstrumentDescription) -> None:
    """Assert that it can be recorded, and that every candidate lies inside the axes' own limits."""
    assert InstrumentDescription.model_validate_json(description.model_dump_json()) == description
    assert description.axes, "an instrument without axes has nothing to optimise"
    assert description.signals, "an instrument without signals has nothing to judge"
    fields = [part.field for part in (*description.axes.values(), *description.signals.values())]
    assert len(fields) == len(set(fields)), f"two parts share a data key: {fields}"
    for candidate in description.candidates or ():
        for name, value in candidate.items():
            assert problem_with(name, description.axes[name].parameter, value) is None


def check_documents(documents: Documents, description: InstrumentDescription, request: MeasureRequest) -> None:
    """Assert one finished run with one primary event that carries every described field."""
    (start,) = documents.of("start")
    (stop,) = documents.of("stop")
    ids = {"campaign": request.campaign, "trial": request.trial, "attempt": request.attempt, "ledger_head": request.ledger_head}
    assert ids.items() <= start["nightshift"].items(), f"the start document carries {start.get('nightshift')}, not {ids}"
    assert start["sample"] == "contract", "the campaign's metadata is missing in the start document"
    assert stop["exit_status"] == "success", stop
    (descriptor,) = documents.primary_descriptors()
    (event,) = documents.primary_events()
    for name, signal in description.signals.items():
        _check_reading(name, signal, descriptor["data_keys"], event["data"])
    for name, setpoint in request.point.items():
        axis = description.axes[name]
        _check_readback(name, axis.parameter, setpoint, event["data"][axis.field])


def check_positions(instrument: Instrument, description: InstrumentDescription, point: Point) -> None:
    """Assert that every axis is reported, and stands where it was sent."""
    positions = instrument.positions()
    assert set(positions) == set(description.axes), f"positions names {sorted(positions)}, axes are {sorted(description.axes)}"
    for name, setpoint in point.items():
        _check_readback(name, description.axes[name].parameter, setpoint, positions[name])


def check_limits_are_refused(instrument: Instrument, description: InstrumentDescription, point: Point) -> None:
    """Assert that a setting beyond an axis's own limits fails the plan and moves nothing."""
    for name in point:
        before = dict(instrument.positions())
        outside = {**point, name: _outside(description.axes[name].parameter)}
        documents, refusal = Documents(), None
        try:
            run_engine()(instrument.plan(request_for(description, outside, trial=2)), documents)
        except Exception as error:
            refusal = error
        assert refusal is not None, f"{name} = {outside[name]} was accepted although it is outside {description.axes[name].parameter}"
        assert not documents.primary_events(), f"{name} = {outside[name]} was measured before it was refused"
        _check_unmoved(before, instrument.positions(), description)


def check_watch(instrument: Instrument, description: InstrumentDescription) -> None:
    """Assert that interlocks broken now are reported by names that were declared."""
    heard: list[str] = []

    def listener(breach: Breach | None, interlock: str) -> None:
        heard.append(interlock)

    instrument.watch(listener)
    assert set(heard) <= set(description.interlocks), f"watch reported {heard}, declared are {sorted(description.interlocks)}"


def check_secure(instrument: Instrument) -> None:
    """Assert that the safe state needs no RunEngine, may be asked for twice, and says what it did in words."""
    before = dict(instrument.positions())
    for _ in range(2):
        assert all(isinstance(phrase, str) and phrase for phrase in instrument.secure("contract check"))
    assert set(instrument.positions()) == set(before)


def _check_reading(name: str, signal: SignalDescription, data_keys: Mapping[str, Any], data: Mapping[str, Any]) -> None:
    assert signal.field in data, f"signal {name} should be under {signal.field!r}; the event has {sorted(data)}"
    shape = data_keys[signal.field]["shape"]
    n_dimensions = {"scalar": 0, "spectrum": 1, "image": 2}[signal.kind]
    assert len([length for length in shape if length != 1]) <= n_dimensions, f"signal {name} is a {signal.kind} but has shape {shape}"
    assert n_dimensions == 0 or len(shape) >= n_dimensions, f"signal {name} is a {signal.kind} but has shape {shape}"
    if n_dimensions == 0:
        assert math.isfinite(float(data[signal.field])), f"signal {name} = {data[signal.field]!r} is not finite"
    if signal.sd_field is not None:
        assert float(data[signal.sd_field]) >= 0, f"signal {name} has sd {data[signal.sd_field]!r}"


def _check_readback(name: str, parameter: Parameter, setpoint: Setting, readback: Any) -> None:
    if isinstance(setpoint, str) or isinstance(parameter, Categorical):
        assert readback == setpoint, f"{name} was set to {setpoint!r} and reads back {readback!r}"
        return
    tolerance = parameter.tolerance or SMALLEST_FRACTION * _span(parameter)
    assert abs(float(readback) - setpoint) <= tolerance, f"{name} was set to {setpoint} and reads back {readback}"


def _check_unmoved(before: Mapping[str, Setting], after: Mapping[str, Setting], description: InstrumentDescription) -> None:
    for name, place in before.items():
        _check_readback(name, description.axes[name].parameter, place, after[name])


def _span(parameter: Continuous | Integer | Ordinal) -> float:
    low, high = (parameter.values[0], parameter.values[-1]) if isinstance(parameter, Ordinal) else parameter.limits
    return float(high - low) or 1.0


def _inside(parameter: Parameter) -> Setting:
    match parameter:
        case Categorical() | Ordinal():
            return parameter.values[len(parameter.values) // 3]
        case Integer(limits=(low, high)):
            return low + (high - low) // 3
        case Continuous(limits=(low, high)):
            return low + (high - low) / 3


def _outside(parameter: Parameter) -> Setting:
    if isinstance(parameter, Categorical):
        return "no such choice"
    highest = parameter.values[-1] if isinstance(parameter, Ordinal) else parameter.limits[1]
    return highest + max(1, int(_span(parameter)))
