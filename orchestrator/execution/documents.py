"""Bluesky documents of one run → what the trial observed."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from orchestrator.domain.base import Setting
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.instrument import InstrumentDescription, MeasureRequest
from orchestrator.domain.records import ArtefactRef, Breach, Observation

StoreArray = Callable[[np.ndarray], ArtefactRef]


@dataclass(slots=True, eq=False)
class RunDocuments:
    """Collects one run. Used as a RunEngine callback, so it only stores: it must be quick and never raise."""

    start: dict[str, Any] = field(default_factory=dict)
    readings: dict[str, Any] = field(default_factory=dict)
    """The last reading of every data key of the primary stream."""
    last_reading_at: float | None = None
    stop: dict[str, Any] = field(default_factory=dict)
    _primary: set[str] = field(default_factory=set)

    def __call__(self, name: str, document: dict[str, Any]) -> None:
        match name:
            case "start":
                self.start = document
            case "descriptor" if document.get("name") == "primary":
                self._primary.add(document["uid"])
            case "event" if document["descriptor"] in self._primary:
                self.readings.update(document["data"])
                self.last_reading_at = document["time"]
            case "stop":
                self.stop = document
            case _:
                pass


def observe(
    documents: RunDocuments,
    request: MeasureRequest,
    description: InstrumentDescription,
    store_array: StoreArray,
    breaches: tuple[Breach, ...] = (),
) -> Observation:
    """Return what one finished run observed.

    Raises:
        InstrumentError: If a field the instrument described is missing from the documents; names it.
    """
    signals = {name: description.signals[name] for name in request.signals}
    scalars = {name: signal for name, signal in signals.items() if signal.kind == "scalar"}
    arrays = {name: signal for name, signal in signals.items() if signal.kind != "scalar"}
    sds = {name: _finite(_field(documents, signal.sd_field)) for name, signal in scalars.items() if signal.sd_field}
    return Observation(
        trial=request.trial,
        attempt=request.attempt,
        setpoint=request.point,
        readback=_readback(documents, request, description),
        readings={name: _finite(_field(documents, signal.field)) for name, signal in scalars.items()},
        sds={name: sd for name, sd in sds.items() if sd is not None},
        arrays={name: store_array(np.asarray(_field(documents, signal.field))) for name, signal in arrays.items()},
        exposure_s=request.exposure_s,
        run_uid=documents.start.get("uid", ""),
        scan_id=documents.start.get("scan_id"),
        started_at=_moment(documents.start["time"]),
        finished_at=_moment(documents.stop["time"]),
        breaches=breaches,
    )


def _readback(documents: RunDocuments, request: MeasureRequest, description: InstrumentDescription) -> Mapping[str, Setting]:
    return {name: _plain(_field(documents, description.axes[name].field)) for name in request.point}


def _field(documents: RunDocuments, name: str) -> Any:
    try:
        return documents.readings[name]
    except KeyError:
        known = ", ".join(sorted(documents.readings)) or "none"
        raise InstrumentError(f"the run has no field {name!r} in its primary stream; it has {known}; mend the instrument's plan") from None


def _plain(value: Any) -> Setting:
    return value.item() if isinstance(value, np.generic) else value


def _finite(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
