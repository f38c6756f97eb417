"""Bluesky documents of one run → what the trial observed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from orchestrator.domain.base import Setting
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.instrument import POSITIONS_STREAM, InstrumentDescription, MeasureRequest
from orchestrator.domain.records import ArtefactRef, Breach, Observation, TrialKind
from orchestrator.execution.frames.references import FileDocuments
from orchestrator.execution.routine_readings import everything_read
from orchestrator.execution.signals import Arrays, Fields, Signal, Signals

StoreArray = Callable[[np.ndarray], ArtefactRef]


@dataclass(slots=True, eq=False)
class RunDocuments:
    """Collects one run. Used as a RunEngine callback, so it only stores: it must be quick and never raise.

    After a rewind the RunEngine repeats an event under its number: the later one counts.
    """

    kept: frozenset[str] = frozenset({"primary", POSITIONS_STREAM})
    """The streams whose data are kept; of others, such as monitors, only the number of events."""
    start: dict[str, Any] = field(default_factory=dict)
    streams: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)
    """Data by stream and event number."""
    last_reading_at: float | None = None
    stop: dict[str, Any] = field(default_factory=dict)
    ended_at: float | None = None
    """When the last of its runs ended."""
    n_runs: int = 0
    files: FileDocuments = field(default_factory=FileDocuments)
    """What the run says of files that detectors wrote."""
    _names: dict[str, str] = field(default_factory=dict)
    """Streams by descriptor."""

    def __call__(self, name: str, document: dict[str, Any]) -> None:
        match name:
            case "start":
                self.n_runs += 1
                self.start = self.start or document
            case "descriptor" if document.get("run_start") == self.start.get("uid"):
                self._names[document["uid"]] = document.get("name", "primary")
                self.files(name, document)
            case "event":
                self._keep(document["descriptor"], document["seq_num"], document["time"], document["data"])
            case "event_page":
                for index, seq_num in enumerate(document["seq_num"]):
                    data = {key: values[index] for key, values in document["data"].items()}
                    self._keep(document["descriptor"], seq_num, document["time"][index], data)
            case "stop":
                self.ended_at = document["time"]
                if document.get("run_start") == self.start.get("uid"):
                    self.stop = document
            case _:
                self.files(name, document)

    def _keep(self, descriptor: str, seq_num: int, at: float, data: dict[str, Any]) -> None:
        stream = self._names.get(descriptor)
        if stream is None:
            return
        self.streams.setdefault(stream, {})[seq_num] = data if stream in self.kept else {}
        if stream == "primary":
            self.last_reading_at = at

    def readings(self, stream: str = "primary") -> Fields:
        """Return every reading of every data key of a stream, in order."""
        gathered: dict[str, list[Any]] = {}
        for _number, data in sorted(self.streams.get(stream, {}).items()):
            for key, value in data.items():
                gathered.setdefault(key, []).append(value)
        return gathered


def streams_of(request: MeasureRequest) -> frozenset[str]:
    """Return the streams whose data a request needs."""
    return frozenset({"primary", POSITIONS_STREAM, *(operation.stream for operation in request.derive.values())})


def observe(
    documents: RunDocuments,
    request: MeasureRequest,
    description: InstrumentDescription,
    store_array: StoreArray,
    breaches: tuple[Breach, ...] = (),
    arrays: Arrays | None = None,
) -> Observation:
    """Return what one finished run observed. What lies in a detector's own files is referred to, never copied.

    Raises:
        InstrumentError: If a field the instrument described is missing from the documents, or a plan opened no run or
            several; names it.
    """
    _require_one_run(documents, request)
    signals = _signals(documents, request, description, arrays)
    own = {
        name: _kept(signal.value) if name in request.derive else signal.value
        for name, signal in signals.items()
        if isinstance(signal.value, np.ndarray) and not signal.refs
    }
    exposure_s = 0.0 if request.kind is TrialKind.DARK else request.exposure_s
    return Observation(
        trial=request.trial,
        attempt=request.attempt,
        setpoint=request.point,
        readback=dict(_readback(documents, request, description)),
        readings={name: signal.value for name, signal in signals.items() if not isinstance(signal.value, np.ndarray)},
        sds={name: signal.sd for name, signal in signals.items() if isinstance(signal.sd, float)},
        arrays={name: store_array(array) for name, array in own.items()},
        files={name: signal.refs for name, signal in signals.items() if signal.refs},
        waited_s={name: signal.waited_s for name, signal in signals.items() if signal.waited_s},
        remarks={name: signal.remark for name, signal in signals.items() if signal.remark},
        streams={name: len(events) for name, events in documents.streams.items() if name not in ("primary", POSITIONS_STREAM)},
        exposure_s=exposure_s,
        dose=_dose(request, description, exposure_s, signals),
        uses=request.uses,
        run_uid=documents.start.get("uid", ""),
        scan_id=documents.start.get("scan_id"),
        started_at=_moment(documents.start["time"]),
        finished_at=_moment(documents.ended_at or documents.stop["time"]),
        breaches=breaches,
    )


def _signals(
    documents: RunDocuments, request: MeasureRequest, description: InstrumentDescription, arrays: Arrays | None
) -> dict[str, Signal]:
    worked_out = Signals(request, description, documents.readings, arrays)
    if request.keeps_all:
        return dict(everything_read(request, description, documents.readings(), worked_out))
    return {name: worked_out.signal(name) for name in request.signals}


def _dose(request: MeasureRequest, description: InstrumentDescription, exposure_s: float, signals: Mapping[str, Signal]) -> float | None:
    """Return the dose of an exposure; None where the signal that tells it gave no number."""
    rule = description.dose
    if rule is None or request.kind in (TrialKind.DARK, TrialKind.FINISH):
        return 0.0
    read = None if rule.signal is None else signals.get(rule.signal)
    return rule.of(exposure_s, read.value if read is not None and isinstance(read.value, float) else None)


def _kept(array: np.ndarray) -> np.ndarray:
    """Return what was worked out as it is stored: an image in double precision needs no more than single."""
    return array.astype(np.float32) if array.ndim > 1 and array.dtype == np.float64 else array


def _require_one_run(documents: RunDocuments, request: MeasureRequest) -> None:
    if request.keeps_all and documents.n_runs > 1:
        return  # an alignment is often several scans: its readings are the first one's
    if request.plan is not None and documents.n_runs != 1:
        raise InstrumentError(
            f"the plan {request.plan.name} opened {documents.n_runs} runs; a trial is one run: allow a plan that opens exactly one"
        )


def _readback(documents: RunDocuments, request: MeasureRequest, description: InstrumentDescription) -> Iterator[tuple[str, Setting]]:
    """Yield where the axes were: as the plan began, where it may move them itself, else with the detectors."""
    before, during = documents.readings(POSITIONS_STREAM), documents.readings()
    for name in request.point:
        axis = description.axes.get(name)
        if axis is None or not axis.field:
            continue
        values = before.get(axis.field) or _required(during, axis.field)[-1:]
        yield name, _plain(values[0])


def _required(readings: Fields, key: str) -> list[Any]:
    if key in readings:
        return list(readings[key])
    known = ", ".join(sorted(readings)) or "none"
    raise InstrumentError(f"the run has no field {key!r} in its primary stream; it has {known}; mend the instrument's plan")


def _plain(value: Any) -> Setting:
    return value.item() if isinstance(value, np.generic) else value


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
