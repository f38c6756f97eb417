"""The plan a campaign calls, held against the plans that the site allows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestrator.domain.file_names import TRIAL_KEYS, unsafe
from orchestrator.domain.instrument import AxisDescription, InstrumentDescription, PlanDescription, PlanParameter
from orchestrator.domain.measuring import PlanCall, parameter_in
from orchestrator.domain.part_spec import SAMPLE
from orchestrator.domain.space import Categorical, Integer, Ordinal, Parameter
from orchestrator.domain.spec import CampaignSpec
from orchestrator.preflight.derived import together, with_derived
from orchestrator.preflight.problems import Locate, refuse
from orchestrator.wording import choose_from, dotted, show_value

Path = tuple[str | int, ...]

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
    """Return the description with what the campaign adds: parameters that fill a plan's arguments, and derived signals.

    Raises:
        SpecError: If derived signals of campaign and site wait for one another.
    """
    call = spec.measure.plan
    filling = () if call is None else [name for name in spec.space if _fills(name, call) and name not in description.axes]
    arguments = {name: AxisDescription(parameter=spec.space[name], field="") for name in filling}
    described = description.model_copy(update={"axes": {**description.axes, **arguments}})
    return with_derived(described, together(description.derive, spec.measure.derive))


def _fills(name: str, call: PlanCall) -> bool:
    """Return whether a parameter is none of the instrument's: it fills an argument, or says which sample it is."""
    return name in call.parameters or name.startswith(SAMPLE)


def signals_of(spec: CampaignSpec, description: InstrumentDescription, wanted: Sequence[str]) -> tuple[str, ...]:
    """Return the signals a campaign reads: those it names; of a plan, else those derived, rewarded or limited, else its detectors'."""
    measure = spec.measure
    if measure.signals or (measure.plan is None and not measure.derive and not description.derive):
        return measure.signals
    # Images that are worked out are large, and kept only where they are named or rewarded.
    derived = [name for name in measure.derive if description.signals[name].kind != "image"]
    if measure.plan is None:
        own = (name for name in description.signals if name not in description.derive and name not in measure.derive)
        return tuple(dict.fromkeys((*own, *derived, *wanted)))
    chosen = tuple(dict.fromkeys((*derived, *wanted)))
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
    if spec.measure.plan is not None:
        yield from problems_with_call(Written(spec.measure.plan, _PATH, (*_PATH, "args")), spec, description, locate)


@dataclass(frozen=True, slots=True)
class Written:
    """A call, and where in the campaign file its plan and its arguments stand."""

    call: PlanCall
    plan: Path
    args: Path


def problems_with_call(written: Written, spec: CampaignSpec, description: InstrumentDescription, locate: Locate) -> Iterator[str]:
    """Yield why a plan cannot be called so: a line each."""
    call = written.call
    if not description.plans:
        out = f"leave {dotted(written.plan)} out, or let staff allow {call.name}"
        yield f"{locate(written.plan)}: the instrument lets campaigns call no plans; {out}"
        return
    plan = description.plans.get(call.name)
    if plan is None:
        yield f"{locate(written.plan)} = {show_value(call.name)}: the site allows no such plan; {choose_from(call.name, description.plans)}"
        return
    yield from _misnamed(written, plan, locate)
    known = {parameter.name: parameter for parameter in plan.parameters}
    for name, value in call.args.items():
        parameter = known.get(name, PlanParameter(name=name))
        yield from _problems_with(parameter, value, (*written.args, name), spec, description, locate)


def _misnamed(written: Written, plan: PlanDescription, locate: Locate) -> Iterator[str]:
    call, names = written.call, [parameter.name for parameter in plan.parameters]
    for name in call.args:
        if name not in names and not plan.takes_keywords:
            yield f"{locate((*written.args, name))}: {call.name} takes no {name!r}; {choose_from(name, names)}"
    missing = [parameter.name for parameter in plan.parameters if parameter.is_required and parameter.name not in call.args]
    if missing:
        yield f"{locate(written.plan)}: {call.name} needs {', '.join(missing)} too; add {'it' if len(missing) == 1 else 'them'} to args"


def _problems_with(
    parameter: PlanParameter, value: Any, path: Path, spec: CampaignSpec, description: InstrumentDescription, locate: Locate
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
    for key in unsafe(description.files.root + description.files.name, spec.metadata):
        if key in spec.metadata and key not in TRIAL_KEYS:
            value = show_value(spec.metadata[key])
            yield f"{locate(('metadata', key))} = {value}: names folders or files; write it with letters, digits, . _ + - only"
    for key, kind in description.metadata.items():
        value = spec.metadata.get(key)
        if value is None:
            yield f"{locate(('metadata',))}: the site needs {key!r} ({_ARTICLES.get(kind, 'any value')}); add metadata.{key}"
        elif kind in _NUMBERS and (not isinstance(value, _NUMBERS[kind]) or isinstance(value, bool)):
            yield f"{locate(('metadata', key))} = {show_value(value)}: the site needs {_ARTICLES[kind]}; write one"
