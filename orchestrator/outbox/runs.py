"""Whole runs from a spool: what is sent at once, and counts as sent only as a whole."""

import uuid
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.outbox.packing import Document, Named
from orchestrator.outbox.spooled import Position, documents_after

TORN = "the process that measured ended before the run did, or could not keep its documents"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A run's documents, from start to stop; of runs that overlap, all of them."""

    documents: tuple[Named, ...]
    end: Position
    """Behind it."""


@dataclass(slots=True)
class RunReader:
    """Reads a spool on; a run that is not over yet is kept until it is."""

    folder: Path
    position: Position
    _open: dict[str, Document] = field(default_factory=dict[str, Document])
    """Runs without a stop, by uid."""
    _gathered: list[Named] = field(default_factory=list[Named])

    def next(self) -> Parcel | None:
        """Return the next run that is over; None where there is none yet."""
        for position, named in documents_after(self.folder, self.position):
            self.position = position
            if self._is_whole_with(named):
                parcel = Parcel(tuple(self._gathered), position)
                self._gathered.clear()
                return parcel
        return None

    @property
    def is_between_runs(self) -> bool:
        """Whether nothing that was read waits for the rest of its run."""
        return not self._open

    def _is_whole_with(self, named: Named | None) -> bool:
        if named is None:
            self._gathered.extend(("stop", stop_of_torn(start)) for start in self._open.values())
            was_open, self._open = bool(self._open), {}
            return was_open
        name, document = named
        if name == "start":
            self._open[document["uid"]] = document
        elif not self._open:
            return False  # nobody's
        self._gathered.append(named)
        if name == "stop":
            self._open.pop(document["run_start"], None)
        return not self._open


def stop_of_torn(start: Document) -> Document:
    """Return the stop document of a run that never got one, so that readers see that it is over; the same one every time."""
    return {
        "uid": str(uuid.uuid5(uuid.NAMESPACE_OID, f"nightshift torn {start['uid']}")),
        "run_start": start["uid"],
        "time": start["time"],
        "exit_status": "abort",
        "reason": TORN,
    }
