"""Where detectors write: the site's folders and names, handed to each detector in the way it understands."""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from instruments.beamline.describing import components
from instruments.beamline.devices import is_async
from instruments.beamline.model import Detector, Files
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.file_names import filled, fixed_part, unsafe
from orchestrator.domain.instrument import MeasureRequest

Find = Callable[[str], Any]
"""Returns what the profile calls by a name."""


@dataclass(frozen=True, slots=True)
class Place:
    """A file that is to be written; the writer chooses its ending."""

    folder: Path
    name: str


@dataclass(slots=True, eq=False)
class Paths:
    """Names the files of the attempt at hand. Without a ``root`` every detector writes where the profile says."""

    files: Files
    _writers: dict[str, Callable[..., Any] | None] = field(default_factory=dict)
    """Detectors that are told; with the profile's own function, where one tells them."""
    _request: MeasureRequest | None = None
    _places: dict[str, Place] = field(default_factory=dict)
    """Named for this attempt, and not used yet."""
    _n_used: dict[str, int] = field(default_factory=dict)

    def take_over(self, detectors: Mapping[str, tuple[Any, Detector]], find: Find) -> None:
        """Let detectors ask here where to write. What they asked before is asked again while no trial is measured."""
        if not self.files.root:
            return
        for name, (device, entry) in detectors.items():
            told = None if entry.written_to is None else find(entry.written_to)
            if told is not None or _takes_paths(device, lambda own, name=name: _provider(self, name, own), self._name_maker(name)):
                self._writers[name] = told
            else:
                print(f"{name} writes where the profile says, if it writes: it asks nobody for a path")  # noqa: T201  # to profile.log

    def begin(self, request: MeasureRequest) -> None:
        """Name the files of one attempt, and make their folder.

        Raises:
            InstrumentError: If the folder would lie outside root or cannot be made, a file of that name exists, or the disk is full.
        """
        self._request, self._places, self._n_used = request, {}, {}
        if not self._writers:
            return
        self.require_space()
        self._places = {name: self._named(name) for name in self._writers}
        for name, told in self._writers.items():
            if told is not None:
                told(str(self._places[name].folder), self._places[name].name)

    def place(self, device: str) -> Place | None:
        """Return where a detector is to write now; None between trials. A second file of one attempt gets a number."""
        if self._request is None:
            return None
        self._n_used[device] = self._n_used.get(device, 0) + 1
        return self._places.pop(device, None) or self._named(device)

    def require_space(self) -> None:
        """Refuse a disk that is nearly full. Raises InstrumentError naming it, what is free, and what is needed."""
        if not self.files.root:
            return
        root = self._root()
        free = shutil.disk_usage(root).free
        if free < self.files.least_free:
            raise InstrumentError(
                f"{root} has {free / 1e9:.3g} GB free, below files.least_free = {self.files.least_free / 1e9:.3g} GB; free some space"
            )

    def _root(self) -> Path:
        root = Path(fixed_part(self.files.root))
        if not root.is_dir():
            raise InstrumentError(f"files.root: there is no folder {root} on this machine; mount or make it")
        return root

    def _named(self, device: str) -> Place:
        values = self._values(device)
        wrong = next(unsafe(self.files.root + self.files.name, values), None)
        if wrong is not None:
            told = f"metadata.{wrong} = {values.get(wrong)!r} cannot be part of a path"
            raise InstrumentError(f"{told}; write it with letters, digits, . _ + - only")
        root, folder, name = self._root(), Path(filled(self.files.root, values)), self._name(device, values)
        if not folder.resolve().is_relative_to(root.resolve()):
            raise InstrumentError(f"{folder} leads outside {root}, by a link; mend files.root")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            taken = next((file for file in os.listdir(folder) if _is_of(file, name)), None)
        except OSError as error:
            raise InstrumentError(f"{folder} cannot be used: {error.strerror}; give this user write access, or change files.root") from None
        if taken is not None:
            raise InstrumentError(f"{folder / taken} exists, and nothing is written over; move it away, or change files.name")
        return Place(folder, name)

    def _values(self, device: str) -> dict[str, Any]:
        request = self._request
        assert request is not None
        own = {"campaign": request.campaign, "trial": request.trial, "attempt": request.attempt, "kind": str(request.kind)}
        return {**request.metadata, **own, "device": device}

    def _name(self, device: str, values: Mapping[str, Any]) -> str:
        name = filled(self.files.name, values)
        if len(self._writers) > 1 and "{device" not in self.files.root + self.files.name:
            name = f"{name}-{device}"
        again = self._n_used.get(device, 0)
        return name if again < 2 else f"{name}-{again}"

    def _name_maker(self, device: str) -> Callable[[Any], Callable[[], tuple[str, str, str]]]:
        def around(own: Any) -> Callable[[], tuple[str, str, str]]:
            def make_filename() -> tuple[str, str, str]:
                place = self.place(device)
                return own() if place is None else (place.name, f"{place.folder}/", f"{place.folder}/")

            return make_filename

        return around


def _is_of(file: str, name: str) -> bool:
    """Return whether a file is one that a writer makes of a name: with an ending, or a number and an ending."""
    return file == name or (file.startswith(name) and file[len(name)] in "._")


def _provider(paths: Paths, device: str, own: Any) -> Callable[..., Any]:
    """Return a path provider as ophyd-async's detectors call it."""

    def provide(datakey_name: str | None = None) -> Any:
        from ophyd_async.core import PathInfo

        place = paths.place(device)
        if place is None:
            return own(datakey_name)
        return PathInfo(directory_path=place.folder, filename=place.name)

    return provide


def _takes_paths(device: Any, provider: Callable[[Any], Any], name_maker: Callable[[Any], Any]) -> bool:
    """Replace what a detector asks for paths; return whether there was anything.

    ophyd-async's detectors keep it as ``path_provider`` of whatever writes; classic areaDetector plug-ins that name files have
    ``make_filename``, which ophyd documents as the hook to do so.
    """
    found = False
    if is_async(device):
        for writer in (*getattr(device, "_data_logics", ()), *filter(None, [getattr(device, "_writer", None)])):
            for attribute in ("path_provider", "_path_provider"):
                if hasattr(writer, attribute):
                    setattr(writer, attribute, provider(getattr(writer, attribute)))
                    found = True
        return found
    for plugin in components(device):
        if hasattr(plugin, "make_filename") and hasattr(plugin, "filestore_spec"):
            plugin.make_filename = name_maker(plugin.make_filename)
            found = True
    return found
