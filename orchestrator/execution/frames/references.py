"""Documents that refer to files → which frames of which file. Both ways of Bluesky: stream_datum, and datum of classic devices."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.frames import FrameRef

HDF5, TIFF, NPY = "application/x-hdf5", "multipart/related;type=image/tiff", "multipart/related;type=application/x-npy"
_AREA_DETECTOR_DATASET = "/entry/data/data"
"""Where the HDF5 plug-in of EPICS areaDetector puts frames unless its layout file says otherwise."""
_SEQUENCES = {"AD_TIFF": TIFF, "AD_HDF5_SINGLE": HDF5}

Document = Mapping[str, Any]


@dataclass(slots=True, eq=False)
class FileDocuments:
    """Collects what one run says of files. It only stores: it is called on the RunEngine's loop."""

    keys: dict[str, dict[str, Document]] = field(default_factory=dict)
    """Data keys that lie in files, by stream."""
    _streams: dict[str, str] = field(default_factory=dict)
    """Streams by descriptor."""
    _resources: dict[str, Document] = field(default_factory=dict)
    _datums: dict[str, Document] = field(default_factory=dict)
    _places: dict[tuple[str, str], dict[int, tuple[str, int]]] = field(default_factory=dict)
    """Resource and index of each event, by stream and data key; of an event repeated after a rewind, the later one."""

    def __call__(self, name: str, document: Document) -> None:
        match name:
            case "descriptor":
                stream = self._streams[document["uid"]] = document.get("name", "primary")
                external = {key: told for key, told in document.get("data_keys", {}).items() if told.get("external")}
                self.keys.setdefault(stream, {}).update(external)
            case "resource" | "stream_resource":
                self._resources[document["uid"]] = document
            case "datum":
                self._datums[document["datum_id"]] = document
            case "datum_page":
                self._take_page(document)
            case "stream_datum":
                self._take_stretch(document)
            case _:
                pass

    def _take_page(self, page: Document) -> None:
        for index, datum_id in enumerate(page["datum_id"]):
            kwargs = {key: values[index] for key, values in page["datum_kwargs"].items()}
            self._datums[datum_id] = {"resource": page["resource"], "datum_kwargs": kwargs}

    def _take_stretch(self, datum: Document) -> None:
        stream, resource = self._streams.get(datum["descriptor"]), self._resources.get(datum["stream_resource"])
        if stream is None or resource is None:
            return
        places = self._places.setdefault((stream, resource["data_key"]), {})
        indices, numbers = datum["indices"], datum["seq_nums"]
        for offset in range(indices["stop"] - indices["start"]):
            places[numbers["start"] + offset] = (resource["uid"], indices["start"] + offset)

    def refs(self, stream: str, key: str, readings: Sequence[Any]) -> tuple[FrameRef, ...]:
        """Return where a data key's frames lie, in the order of events.

        Args:
            stream: The run's stream.
            key: One of ``keys``.
            readings: What events carry under that key: the ids of classic devices; empty for streams.

        Raises:
            InstrumentError: If the file is of a kind that cannot be read here; names it.
        """
        told = self.keys[stream][key]
        if readings:
            datums = [self._datums[str(reading)] for reading in readings if str(reading) in self._datums]
            return _joined([_of_datum(key, told, self._resources[datum["resource"]], datum["datum_kwargs"]) for datum in datums])
        places = self._places.get((stream, key), {})
        return _joined([_of_stream(key, told, self._resources[uid], index) for _number, (uid, index) in sorted(places.items())])


def _of_stream(key: str, told: Document, resource: Document, index: int) -> FrameRef:
    """Return one event's frames. Where chunks have as many dimensions as the event, its frames lie side by side in the file."""
    parameters: Document = resource.get("parameters", {})
    shape: tuple[Any, ...] = tuple(told.get("shape") or ())
    chunk = parameters.get("chunk_shape")
    each, frame = 1, shape
    if shape and (chunk is None or len(chunk) == len(shape)):
        each, frame = int(shape[0] or 1), shape[1:]
    return FrameRef(
        uri=resource["uri"],
        media_type=str(resource["mimetype"]),
        dataset=str(parameters.get("dataset") or parameters.get("path") or ""),
        template=_numbered(str(parameters.get("template", ""))),
        frames=(index * each, (index + 1) * each),
        shape=_known(frame),
        dtype=_dtype(told),
    )


def _of_datum(key: str, told: Document, resource: Document, kwargs: Document) -> FrameRef:
    spec, settings = str(resource["spec"]), resource.get("resource_kwargs", {})
    path = PurePath(str(resource.get("root") or "/")) / str(resource["resource_path"])
    each = int(settings.get("frame_per_point") or 1)
    number = int(kwargs.get("point_number", kwargs.get("index", 0)))
    shape = tuple(told.get("shape") or ())
    shared: dict[str, Any] = {"frames": (number * each, (number + 1) * each), "shape": _known(shape[-2:]), "dtype": _dtype(told)}
    if spec in _SEQUENCES:
        _path, _name, numbering = str(settings["template"]).split("%s", 2)
        template = _numbered(f"{settings['filename']}{numbering}")
        dataset = _AREA_DETECTOR_DATASET if _SEQUENCES[spec] == HDF5 else ""
        return FrameRef(uri=_uri(path), media_type=_SEQUENCES[spec], template=template, dataset=dataset, **shared)
    if spec == "NPY_SEQ":
        return FrameRef(uri=_uri(path.parent), media_type=NPY, template=f"{path.name}_{{:d}}.npy", **shared)
    if spec in ("AD_HDF5", "AD_HDF5_SWMR", "AD_HDF5_SWMR_STREAM"):
        dataset = str(kwargs.get("dataset") or settings.get("dataset") or settings.get("path") or _AREA_DETECTOR_DATASET)
        return FrameRef(uri=_uri(path), dataset=dataset, **shared)
    raise InstrumentError(
        f"{key} is written in files of kind {spec!r}, which cannot be read here; read are AD_HDF5, AD_HDF5_SINGLE, AD_TIFF, NPY_SEQ "
        "and the streams of ophyd-async; score it with reward: {type: external}"
    )


def _joined(refs: Sequence[FrameRef]) -> tuple[FrameRef, ...]:
    """Return references with neighbouring stretches of one file made one."""
    joined: list[FrameRef] = []
    for ref in refs:
        last = joined[-1] if joined else None
        if last is not None and last.frames[1] == ref.frames[0] and last.model_copy(update={"frames": ref.frames}) == ref:
            joined[-1] = last.model_copy(update={"frames": (last.frames[0], ref.frames[1])})
        else:
            joined.append(ref)
    return tuple(joined)


_NUMBER = re.compile(r"\{:?(?P<new>0?\d*)d?\}|%(?P<old>0?\d*)(\.(?P<digits>\d+))?d")


def _numbered(template: str) -> str:
    """Return a name's template with its number written ``{:06d}``, whichever way it was written."""

    def rewritten(found: re.Match[str]) -> str:
        width = f"0{found['digits']}" if found["digits"] else (found["new"] or found["old"] or "")
        return f"{{:{width}d}}"

    return _NUMBER.sub(rewritten, template, count=1)


def file_name(template: str, number: int) -> str:
    """Return the name of one file of a sequence; anything but the number is taken as it stands."""
    found = _NUMBER.search(template)
    if found is None:
        return template
    return f"{template[: found.start()]}{number:{found['new']}d}{template[found.end() :]}"


def _known(shape: Sequence[Any]) -> tuple[int, ...]:
    return () if any(not isinstance(size, int) or size < 1 for size in shape) else tuple(shape)


def _dtype(told: Document) -> str:
    written = told.get("dtype_numpy") or told.get("dtype_str") or ""
    return written if isinstance(written, str) else ""


def _uri(path: PurePath) -> str:
    return f"file://localhost{quote(path.as_posix())}" if path.is_absolute() else path.as_posix()
