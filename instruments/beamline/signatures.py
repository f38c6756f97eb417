"""What a plan takes, read from its signature."""

import functools
import inspect
import types
import typing
from collections.abc import Callable
from typing import Any, Literal, get_args, get_origin

from orchestrator.domain.instrument import PlanDescription, PlanParameter

Kind = Literal["device", "devices", "number", "integer", "boolean", "text", "anything", "positional"]

_PLAIN: dict[Any, Kind] = {bool: "boolean", int: "integer", float: "number", str: "text"}
_DEVICE_WORDS = (
    "Readable",
    "Movable",
    "Triggerable",
    "Flyable",
    "Device",
    "Detector",
    "Motor",
    "Positioner",
    "OphydObject",
    "NamedMovable",
)
_DEVICE_NAMES = ("detector", "det", "motor", "axis", "positioner")
_DEVICES_NAMES = ("detectors", "dets", "motors")
"""What an argument without annotation holds where its name is one that everybody uses."""
_COLLECTIONS = ("list", "tuple", "Sequence", "Iterable", "Collection", "set")


def is_plan(value: Any) -> bool:
    """Return whether a function makes Bluesky messages: a generator function, bare or decorated, or one annotated so."""
    if not callable(value) or inspect.isclass(value):
        return False
    inner: Any = inspect.unwrap(value.func if isinstance(value, functools.partial) else value)
    if inspect.isgeneratorfunction(inner) or hasattr(value, "_is_plan_"):
        return True
    returned = getattr(inner, "__annotations__", {}).get("return", "")
    return any(word in str(returned) for word in ("MsgGenerator", "Generator[bluesky", "Generator[Msg"))


def describe_plan(plan: Callable[..., Any]) -> PlanDescription:
    """Return a plan's arguments with what their annotations say."""
    described: list[PlanParameter] = []
    takes_keywords = False
    hints = _hints(plan)
    for parameter in inspect.signature(plan).parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            takes_keywords = True
            continue
        kind = _kind_of(parameter, hints)
        is_required = parameter.default is parameter.empty and kind != "positional"
        described.append(PlanParameter(name=parameter.name, kind=kind, is_required=is_required))
    return PlanDescription(parameters=tuple(described), takes_keywords=takes_keywords)


def _kind_of(parameter: inspect.Parameter, hints: dict[str, Any]) -> Kind:
    if parameter.kind is parameter.VAR_POSITIONAL:
        return "positional"
    kind = _kind(hints.get(parameter.name, parameter.annotation))
    if parameter.annotation is not parameter.empty:
        return kind
    return "devices" if parameter.name in _DEVICES_NAMES else "device" if parameter.name in _DEVICE_NAMES else kind


def _hints(plan: Callable[..., Any]) -> dict[str, Any]:
    """Return the annotations, as types where they can be resolved."""
    try:
        return typing.get_type_hints(inspect.unwrap(plan))
    except Exception:  # an annotation that means nothing here tells as much as none
        return {}


def _kind(annotation: Any) -> Kind:
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    if annotation in (inspect.Parameter.empty, Any):
        return "anything"
    if get_origin(annotation) in (typing.Union, types.UnionType):
        kinds: set[Kind] = {_kind(one) for one in get_args(annotation) if one is not type(None)}
        if kinds == {"integer", "number"}:
            return "number"
        return kinds.pop() if len(kinds) == 1 else "anything"
    return _kind_of_words(
        str(annotation if get_origin(annotation) or isinstance(annotation, str) else getattr(annotation, "__name__", annotation))
    )


def _kind_of_words(words: str) -> Kind:
    """Tell devices, which every library has its own types for, by the words of the annotation."""
    if "|" in words or "Union" in words or not any(word in words for word in _DEVICE_WORDS):
        return "anything"
    outer = words.split("[")[0].rsplit(".")[-1]
    return "devices" if outer in _COLLECTIONS else "device"
