"""What one run left in files, read once however many signals need it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from orchestrator.domain.errors import ArtefactMissing, FramesUnreadable
from orchestrator.domain.frames import FrameRef
from orchestrator.domain.ports import Artefacts, Frames
from orchestrator.domain.records import Observation
from orchestrator.execution.frames.references import FileDocuments
from orchestrator.execution.quantities import Readings


@dataclass(slots=True, eq=False)
class RunFiles:
    """Reads in the thread that worked the run out: never on the RunEngine's loop."""

    documents: FileDocuments
    fields: Callable[[str], Any]
    """Gives a stream's readings."""
    frames_of: Frames
    artefacts: Artefacts
    wait_s: float = 0.0
    dark: Observation | None = None
    is_given_up: Callable[[], bool] = lambda: False
    _known: dict[tuple[str, str], Readings] = field(default_factory=dict)
    _seen: dict[tuple[str, str], Readings] = field(default_factory=dict)
    """Of which only the last frame was read."""

    def has(self, stream: str, key: str) -> bool:
        return key in self.documents.keys.get(stream, {})

    def frames(self, stream: str, key: str, *, last_only: bool = False) -> Readings:
        place = (stream, key)
        refs = self._refs_of(stream, key)
        looks = last_only and sum(ref.n_frames for ref in refs) > 1
        known = self._seen if looks else self._known
        if place not in known:
            known[place] = self._read(key, refs, last_only=looks)
        return known[place]

    def _refs_of(self, stream: str, key: str) -> tuple[FrameRef, ...]:
        return self.documents.refs(stream, key, self.fields(stream).get(key, ()))

    def of_dark(self, name: str) -> Readings:
        if self.dark is None:
            return Readings(remark="no dark has been taken; take one first")
        number, sd = self.dark.readings.get(name), self.dark.sds.get(name)
        if number is not None:
            return Readings(np.array([number]), None if sd is None else np.array([sd]))
        if name in self.dark.files:
            return self._read(f"the dark of trial {self.dark.trial}", self.dark.files[name])
        if name in self.dark.arrays:
            try:
                return Readings(np.asarray(self.artefacts.get_array(self.dark.arrays[name]), dtype=float)[np.newaxis])
            except ArtefactMissing as error:
                return Readings(remark=f"the dark of trial {self.dark.trial}: {error}")
        return Readings(remark=f"the dark of trial {self.dark.trial} has no {name}; take a new one")

    def _read(self, what: str, refs: Sequence[FrameRef], *, last_only: bool = False) -> Readings:
        try:
            read = self.frames_of.read(refs, wait_s=self.wait_s, last_only=last_only, is_given_up=self.is_given_up)
        except FramesUnreadable as error:
            return Readings(remark=f"{what}: {error}")
        is_one = last_only or sum(ref.n_frames for ref in refs) == 1
        return Readings(read.array[np.newaxis] if is_one else read.array, refs=tuple(refs), waited_s=read.waited_s)
