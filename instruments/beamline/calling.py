"""A trial as one call of a site's plan."""

import functools
import inspect
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any

from instruments.plans import Plan
from orchestrator.domain.base import Setting
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.instrument import POSITIONS_STREAM, MeasureRequest, PlanDescription
from orchestrator.domain.measuring import PlanCall
from orchestrator.wording import choose_from, show_value

Limits = Mapping[str, tuple[float, float, str]]
"""Low, high and unit, by axis."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a campaign's call may touch."""

    plans: Mapping[str, Callable[..., Any]]
    descriptions: Mapping[str, PlanDescription]
    devices: Mapping[str, Any]
    """Axes and detectors by the names campaigns use."""
    axes: Mapping[str, Any]
    limits: Limits
    withheld: frozenset[str] = frozenset()
    """Devices of the profile that campaigns may not name."""


def call_plan(allowed: Allowed, request: MeasureRequest) -> Plan:
    """Return a plan that moves the point's axes, then calls the request's plan within the limits.

    The axes of the point are read at the run's beginning and end, into a stream of their own, because the plan reads what it
    likes. The plan keeps its own checkpoints: a suspender may rewind it, as it does for people.

    Raises:
        InstrumentError: Before anything moves, if the call cannot be made.
    """
    from bluesky import plan_stubs as bps
    from bluesky import preprocessors as bpp

    assert request.plan is not None
    plan = _made(allowed, request.plan, request.point)
    moved = {name: allowed.axes[name] for name in request.point if name in allowed.axes}

    def move_and_call() -> Plan:
        pairs = [part for name, axis in moved.items() for part in (axis, request.point[name])]
        yield from bps.mv(*pairs) if pairs else bps.null()
        yield from bpp.baseline_wrapper(plan, list(moved.values()), name=POSITIONS_STREAM) if moved else plan

    calling = within_limits(move_and_call(), allowed)
    return (yield from (calling if request.signals else with_a_run(calling, request)))


def with_a_run(plan: Plan, request: MeasureRequest) -> Plan:
    """Pass a plan's messages on, and open an empty run after one that opened none: what only loads a sample is on record, too."""
    from bluesky import plan_stubs as bps
    from bluesky import preprocessors as bpp

    opened: list[str] = []

    def note(message: Any) -> Any:
        if message.command == "open_run":
            opened.append(message.command)
        return message

    result = yield from bpp.msg_mutator(plan, note)
    if not opened and request.plan is not None:
        yield from bps.open_run({**request.start_metadata(), "plan_name": request.plan.name})
        yield from bps.close_run()
    return result


def _made(allowed: Allowed, call: PlanCall, point: Mapping[str, Setting]) -> Any:
    """Return the called plan; its first message has not been asked for."""
    function, described = allowed.plans.get(call.name), allowed.descriptions.get(call.name)
    if function is None or described is None:
        raise InstrumentError(f"the site allows no plan {call.name!r}; {choose_from(call.name, allowed.plans)}")
    kinds = {parameter.name: parameter.kind for parameter in described.parameters}
    try:
        named = {name: with_devices(value, kinds.get(name, "anything"), allowed) for name, value in call.filled(point).items()}
        positional, keywords = _ordered(function, named)
        inspect.signature(function).bind(*positional, **keywords)
    except (KeyError, TypeError) as error:
        raise InstrumentError(f"{call.name} cannot be called so: {error}; mend measure.plan.args") from None
    return function(*positional, **keywords)


def with_devices(value: Any, kind: str, allowed: Allowed) -> Any:
    """Return an argument with names of allowed devices replaced by them.

    Raises:
        InstrumentError: If a device is wanted and the site allows none of that name.
    """
    match value:
        case str() if kind == "text":
            return value
        case str() if value in allowed.devices:
            return allowed.devices[value]
        case list():
            return [with_devices(item, kind, allowed) for item in value]
        case str() if kind in ("device", "devices") or value in allowed.withheld:
            raise InstrumentError(f"the site allows no device {show_value(value)}; {choose_from(value, allowed.devices)}")
        case _:
            return value


def _ordered(function: Callable[..., Any], named: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Return positional and keyword arguments: those before ``*args`` have to be positional once it is given."""
    parameters = inspect.signature(function).parameters.values()
    variable = next((one.name for one in parameters if one.kind is one.VAR_POSITIONAL), None)
    if variable is None or variable not in named:
        only = [named[one.name] for one in parameters if one.kind is one.POSITIONAL_ONLY and one.name in named]
        taken = {one.name for one in parameters if one.kind is one.POSITIONAL_ONLY}
        return only, {name: value for name, value in named.items() if name not in taken}
    before = [one for one in parameters if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
    given = [named.get(one.name, one.default) for one in before]
    taken = {*(one.name for one in before), variable}
    return [*given, *named[variable]], {name: value for name, value in named.items() if name not in taken}


def within_limits(plan: Plan, allowed: Allowed) -> Generator[Any, Any, Any]:
    """Pass a plan's messages on, and end it before an axis is sent beyond the site's limits; the plan can still clean up.

    Raises:
        InstrumentError: Names axis, value and limits.
    """
    names = {id(axis): name for name, axis in allowed.axes.items()}
    step: Callable[[], Any] = functools.partial(plan.send, None)
    while True:
        try:
            message = step()
        except StopIteration as end:
            return end.value
        problem = _beyond(message, names, allowed.limits)
        if problem is not None:
            step = functools.partial(plan.throw, InstrumentError(problem))
            continue
        try:
            step = functools.partial(plan.send, (yield message))
        except GeneratorExit:
            plan.close()
            raise
        except BaseException as error:  # whatever the RunEngine throws is the plan's to deal with
            step = functools.partial(plan.throw, error)


def _beyond(message: Any, names: Mapping[int, str], limits: Limits) -> str | None:
    name = names.get(id(message.obj)) if message.command == "set" else None
    if name is None or name not in limits or not message.args or not isinstance(message.args[0], int | float):
        return None
    low, high, unit = limits[name]
    value = message.args[0]
    if low <= value <= high:
        return None
    return f"the plan would send {name} to {value:g} {unit}, outside [{low:g}, {high:g}] {unit}; narrow what fills its arguments"
