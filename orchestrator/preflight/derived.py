"""Signals that operations work out: what kind they are, in what unit, and which of the site's a campaign needs."""

from collections.abc import Iterable, Mapping
from typing import Literal, assert_never

from orchestrator.domain.errors import SpecError
from orchestrator.domain.instrument import InstrumentDescription, SignalDescription
from orchestrator.domain.measuring import Combined, Derived, Reduced, ring_of
from orchestrator.domain.operations import Dark, DeadTime, Fit, RoiSum

Kind = Literal["scalar", "spectrum", "image"]


def together(site: Mapping[str, Derived], campaign: Mapping[str, Derived]) -> Mapping[str, Derived]:
    """Return the site's operations and the campaign's, which go before those of the same name.

    Raises:
        SpecError: If they wait for one another.
    """
    derive = {**site, **campaign}
    ring = ring_of(derive)
    if ring:
        raise SpecError(f"measure.derive, with the site file's: {' is taken from '.join(ring)}: they wait for one another; rename one")
    return derive


def with_derived(description: InstrumentDescription, derive: Mapping[str, Derived]) -> InstrumentDescription:
    """Return a description with derived signals; nothing waits for itself."""
    by_key = {signal.field: signal for signal in description.signals.values()}
    known: dict[str, SignalDescription] = {}

    def source(name: str, key: str) -> SignalDescription:
        if key in derive and key != name:
            return described(key)
        return by_key.get(key, SignalDescription(field=key))

    def described(name: str) -> SignalDescription:
        if name not in known:
            operation = derive[name]
            known[name] = _described(name, operation, [source(name, key) for key in operation.sources])
        return known[name]

    return description.model_copy(update={"signals": {**description.signals, **{name: described(name) for name in derive}}})


def _described(name: str, operation: Derived, sources: list[SignalDescription]) -> SignalDescription:
    unit = _unit(operation, sources) if operation.unit is None else operation.unit
    return SignalDescription(kind=_kind(operation, sources[0]), unit=unit, field=name)


def _kind(operation: Derived, source: SignalDescription) -> Kind:
    """Return what it is: made of a run's images, an image; of a number, its readings are a spectrum."""
    if isinstance(operation, Dark) or (isinstance(operation, Reduced) and source.kind == "image"):
        return source.kind
    return operation.kind


def _unit(operation: Derived, sources: list[SignalDescription]) -> str:
    units = [source.unit for source in sources]
    match operation:
        case Combined(take="ratio"):
            return "" if len(set(units)) == 1 else units[0]
        case DeadTime(gives="rate"):
            return "1/s"
        case Fit(gives="center" | "fwhm"):
            return units[1] if len(units) > 1 else ""
        case Reduced() | Combined() | RoiSum() | Fit() | DeadTime() | Dark():
            return units[0]
        case _:
            assert_never(operation)


def needed(derive: Mapping[str, Derived], wanted: Iterable[str]) -> Mapping[str, Derived]:
    """Return the operations behind some signals, and those behind what they are taken from."""
    found: dict[str, Derived] = {}

    def add(name: str) -> None:
        if name in derive and name not in found:
            found[name] = derive[name]
            for source in derive[name].sources:
                add(source)

    for name in wanted:
        add(name)
    return found
