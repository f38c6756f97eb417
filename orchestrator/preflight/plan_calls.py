"""The plan a campaign calls, held against the plans that the site allows."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from orchestrator.domain.instrument import AxisDescription, InstrumentDescription, PlanDescription, PlanParameter, SignalDescription
from orchestrator.domain.measuring import Combined, PlanCall, parameter_in
from orchestrator.domain.part_spec import SAMPLE
from orchestrator.domain.space import Categorical, Integer, Ordinal, Parameter
from orchestrator.domain.spec import CampaignSpec
from orchestrator.preflight.problems import Locate, refuse
from orchestrator.wording import choose_from, dotted, show_value

_PATH = ("measure", "plan")
_NUMBERS: Mapping[str, tuple[type, ...]] = {"number": (int, float), "integer": (int,), "boolean": (bool,), "text": (str,)}
_ARTICLES = {
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "text": "a text",
    "device": "a device",
    "devices": "a list of devices",
    "positional": "a list",
}


def fitted(description: InstrumentDescription, spec: CampaignSpec) -> InstrumentDescription:
    """Return the description with what the campaign adds: parameters that fill a plan's arguments, and derived signals."""
    call = spec.measure.plan
    filling = () if call is None else [name for name in spec.space if _fills(name, call) and name not in description.axes]
    arguments = {name: AxisDescription(parameter=spec.space[name], field="") for name in filling}
    derived = {name: _derived(spec, name, description) for name in spec.measure.derive}
    return description.model_copy(update={"axes": {**description.axes, **arguments}, "signals": {**description.signals, **derived}})


def _fills(name: str, call: PlanCall) -> bool:
    """Return whether a parameter is none of the instrument's: it fills an argument, or says which sample it is."""
    return name in call.parameters or name.startswith(SAMPLE)


def _derived(spec: CampaignSpec, name: str, description: InstrumentDescription) -> SignalDescription:
    operation = spec.measure.derive[name]
    units = {signal.field: signal.unit for signal in description.signals.values()}
    found = [units.get(key, "") for key in operation.sources]
    unit = "" if isinstance(operation, Combined) and operation.take == "ratio" and len(set(found)) == 1 else found[0]
    return SignalDescription(kind=operation.kind, unit=unit if operation.unit is None else operation.unit, field=name)


def signals_of(spec: CampaignSpec, description: InstrumentDescription, needed: Sequence[str]) -> tuple[str, ...]:
    """Return the signals a campaign reads: those it names; of a plan, else those derived, rewarded or limited, else its detectors'."""
    measure = spec.measure
    if measure.signals or (measure.plan is None and not measure.derive):
        return measure.signals
    if measure.plan is None:
        return tuple(description.signals)
    chosen = tuple(dict.fromkeys((*measure.derive, *needed)))
    named = tuple(_names(dict(measure.plan.args)))
    return chosen or tuple(signal for name in named for signal in description.devices.get(name, ()))


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _names(inner)


def check_plan(spec: CampaignSpec, description: InstrumentDescription, *, locate: Locate = dotted) -> None:
    """Refuse a call that the site does not allow or that could not be made; before the space, which is then easily misread.

    Raises:
        SpecError: Names every problem, a line each: argument, value and way out.
    """
    refuse(_problems(spec, description, locate))


def _problems(spec: CampaignSpec, description: InstrumentDescription, locate: Locate) -> Iterator[str]:
    """Yield what is wrong with the call: a line each."""
    call = spec.measure.plan
    if call is None:
        return
    if not description.plans:
        yield f"{locate(_PATH)}: the instrument lets campaigns call no plans; leave measure.plan out, or let staff allow {call.name}"
        return
    plan = description.plans.get(call.name)
    if plan is None:
        yield f"{locate(_PATH)} = {show_value(call.name)}: the site allows no such plan; {choose_from(call.name, description.plans)}"
        return
    yield from _misnamed(call, plan, locate)
    known = {parameter.name: parameter for parameter in plan.parameters}
    for name, value in call.args.items():
        parameter = known.get(name, PlanParameter(name=name))
        yield from _problems_with(parameter, value, (*_PATH, "args", name), spec, description, locate)


def _misnamed(call: PlanCall, plan: PlanDescription, locate: Locate) -> Iterator[str]:
    names = [parameter.name for parameter in plan.parameters]
    for name in call.args:
        if name not in names and not plan.takes_keywords:
            yield f"{locate((*_PATH, 'args', name))}: {call.name} takes no {name!r}; {choose_from(name, names)}"
    missing = [parameter.name for parameter in plan.parameters if parameter.is_required and parameter.name not in call.args]
    if missing:
        yield f"{locate(_PATH)}: {call.name} needs {', '.join(missing)} too; add {'it' if len(missing) == 1 else 'them'} to args"


def _problems_with(
    parameter: PlanParameter, value: Any, path: tuple[str, ...], spec: CampaignSpec, description: InstrumentDescription, locate: Locate
) -> Iterator[str]:
    where, kind = locate(path), parameter.kind
    name = parameter_in(value)
    if name is not None:
        yield from _misfilled(name, parameter, spec, description, where)
    elif kind in ("devices", "positional") and not isinstance(value, list):
        yield f"{where} = {show_value(value)}: takes {_ARTICLES[kind]}; write [{show_value(value)}]"
    elif kind == "devices":
        for item in value:
            yield from _not_a_device(item, description, where)
    elif kind == "device":
        yield from _not_a_device(value, description, where)
    elif kind in _NUMBERS and (not isinstance(value, _NUMBERS[kind]) or (isinstance(value, bool) and kind != "boolean")):
        if value is not None:
            yield f"{where} = {show_value(value)}: takes {_ARTICLES[kind]}; write one"
    else:
        yield from _unfilled(value, spec, where)


def _not_a_device(value: Any, description: InstrumentDescription, where: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{where} = {show_value(value)}: takes a device's name; {choose_from('', description.devices)}"
    elif value not in description.devices:
        yield f"{where} = {show_value(value)}: the site allows no such device; {choose_from(value, description.devices)}"


def _misfilled(name: str, parameter: PlanParameter, spec: CampaignSpec, description: InstrumentDescription, where: str) -> Iterator[str]:
    filling = spec.space.get(name) or (description.axes[name].parameter if name in description.axes and not spec.space else None)
    if filling is None:
        yield f"{where} = ${name}: space has no parameter {name!r}; add it, or write the value itself"
        return
    wrong = _wrong_kind(filling, parameter.kind)
    if wrong:
        yield f"{where} = ${name}: takes {_ARTICLES[parameter.kind]}, but space.{name} is {filling.type}; {wrong}"


def _wrong_kind(filling: Parameter, kind: str) -> str:
    """Return the way out where a parameter cannot fill an argument of that kind."""
    match kind:
        case "number":
            return "give it limits or numbers" if isinstance(filling, Categorical) else ""
        case "integer":
            whole = isinstance(filling, Integer) or (isinstance(filling, Ordinal) and all(isinstance(v, int) for v in filling.values))
            return "" if whole else "write type: integer"
        case "text":
            return "" if isinstance(filling, Categorical) else "list the texts as values"
        case "device" | "boolean":
            return "" if isinstance(filling, Categorical) and kind == "device" else "write the value itself"
        case "devices" | "positional":
            return "write a list"
        case _:
            return ""


def _unfilled(value: Any, spec: CampaignSpec, where: str) -> Iterator[str]:
    for name in sorted(PlanCall(name="plan", args={"value": value}).parameters - set(spec.space)):
        yield f"{where}: ${name}: space has no parameter {name!r}; add it, or write the value itself"


def problems_with_metadata(spec: CampaignSpec, description: InstrumentDescription, locate: Locate) -> Iterator[str]:
    """Yield what the site wants to know of every campaign and is not told."""
    for key, kind in description.metadata.items():
        value = spec.metadata.get(key)
        if value is None:
            yield f"{locate(('metadata',))}: the site needs {key!r} ({_ARTICLES.get(kind, 'any value')}); add metadata.{key}"
        elif kind in _NUMBERS and (not isinstance(value, _NUMBERS[kind]) or isinstance(value, bool)):
            yield f"{locate(('metadata', key))} = {show_value(value)}: the site needs {_ARTICLES[kind]}; write one"
