"""A trial as one item of a queueserver: a call of a plan that it has, devices by name."""

from collections.abc import Mapping
from typing import Any

from instruments.beamline.model import SiteFile
from instruments.beamline.queued.server import QueuedPlan
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.instrument import InstrumentDescription, MeasureRequest, PlanDescription, PlanParameter

POINT_PLAN = "scan"
"""Bluesky's own, which every queueserver offers: with one point it moves all axes at once and reads axes and detectors."""


def point_plan(site: SiteFile, described: InstrumentDescription, request: MeasureRequest) -> QueuedPlan:
    """Return the plan that moves to the request's point and reads once.

    Raises:
        InstrumentError: If the site wants its shutter opened for the reading, which this plan does not.
    """
    if site.shutter is not None:
        raise InstrumentError(
            "the site has a shutter, and Bluesky's scan opens none; let measure.plan call a plan of the queueserver's that does"
        )
    moved = {_device(site, name): value for name, value in request.point.items()}
    if site.exposure is not None and request.exposure_s > 0:
        moved[site.exposure] = request.exposure_s
    if not moved:
        raise InstrumentError("no axis of the site is in the point, so there is nothing to scan; let measure.plan call a plan")
    wanted = {source for operation in request.derive.values() for source in operation.sources}
    fields = wanted | {described.signals[name].field for name in request.signals if name in described.signals}
    read = [_device(site, name) for name, keys in described.devices.items() if name in site.detectors and fields & set(keys)]
    return QueuedPlan(POINT_PLAN, (read, *(part for name, value in moved.items() for part in (name, value, value))), {"num": 1})


def called_plan(site: SiteFile, plans: Mapping[str, PlanDescription], request: MeasureRequest) -> QueuedPlan:
    """Return the call that a campaign declares.

    Raises:
        InstrumentError: If it cannot be made, or an axis of the point fills none of its arguments.
    """
    call = request.plan
    assert call is not None
    if call.name not in plans:
        raise InstrumentError(f"the site allows no plan {call.name!r}; it allows {', '.join(plans) or 'none'}")
    unmoved = sorted(set(request.point) & set(site.axes) - call.parameters)
    if unmoved:
        raise InstrumentError(
            f"{call.name} gets no {', '.join(unmoved)}, and nothing else moves it in a queueserver; fill an argument with ${unmoved[0]}"
        )
    kinds = {parameter.name: parameter.kind for parameter in plans[call.name].parameters}
    try:
        named = {name: _named(site, value, kinds.get(name, "anything")) for name, value in call.filled(request.point).items()}
        positional, keywords = _ordered(plans[call.name], named)
    except KeyError as error:
        raise InstrumentError(f"{call.name} cannot be called so: it gets no {error}; mend measure.plan.args") from None
    return QueuedPlan(site.plans[call.name].plan or call.name, tuple(positional), keywords)


def _device(site: SiteFile, name: str) -> str:
    """Return the profile's name of what campaigns call by the site's."""
    entry = site.axes.get(name) or site.detectors.get(name)
    return name if entry is None or entry.device is None else entry.device


def _named(site: SiteFile, value: Any, kind: str) -> Any:
    match value:
        case str() if kind != "text":
            return _device(site, value)
        case list():
            return [_named(site, item, kind) for item in value]
        case _:
            return value


def _ordered(plan: PlanDescription, named: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Return positional and keyword arguments: those before ``*args`` have to be positional once it is given."""
    names = [parameter.name for parameter in plan.parameters]
    star = next((parameter.name for parameter in plan.parameters if parameter.kind == "positional"), None)
    if star is None or star not in named:
        return [], dict(named)
    before = names[: names.index(star)]
    rest = {name: value for name, value in named.items() if name not in (*before, star)}
    return [*(named[name] for name in before), *named[star]], rest


def described_plan(told: Mapping[str, Any]) -> PlanDescription:
    """Return a plan's arguments from what a queueserver says of them."""
    parameters = [parameter for parameter in told.get("parameters", ()) if parameter["kind"]["name"] != "VAR_KEYWORD"]
    return PlanDescription(parameters=tuple(map(_parameter, parameters)), takes_keywords=len(parameters) < len(told.get("parameters", ())))


def _parameter(told: Mapping[str, Any]) -> PlanParameter:
    is_star = told["kind"]["name"] == "VAR_POSITIONAL"
    kind = "positional" if is_star else _kind(told.get("annotation", {}).get("type", ""))
    return PlanParameter(name=told["name"], kind=kind, is_required="default" not in told and not is_star)


_PLAIN = {"bool": "boolean", "int": "integer", "float": "number", "str": "text"}
_DEVICE_WORDS = ("__DEVICE__", "__READABLE__", "__MOVABLE__", "__FLYABLE__")


def _kind(annotation: str) -> Any:
    """Return the kind of argument, as a queueserver writes annotations; what is not plain is checked by the queueserver alone."""
    bare = annotation.replace(" ", "").removesuffix("|None").removeprefix("typing.")
    if bare in _PLAIN:
        return _PLAIN[bare]
    if "|" in bare or "Union" in bare or not any(word in bare for word in _DEVICE_WORDS):
        return "anything"
    return "devices" if "[" in bare else "device"
