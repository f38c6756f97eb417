"""Documents that a queueserver's RunEngine publishes, heard over 0MQ and sorted by the attempt they belong to."""

import contextlib
import io
import pickle  # nosec B403  # Bluesky's publisher sends pickles; _PlainReader reads them, and builds plain values and arrays only
import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Document = tuple[str, dict[str, Any]]
_MOST = 100_000
"""Documents kept while nobody takes them; others' plans publish too."""

_PLAIN = {
    ("collections", "OrderedDict"),
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy.core.multiarray", "scalar"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"),
    ("numpy._core.numeric", "_frombuffer"),
    ("numpy.core.numeric", "_frombuffer"),
}


class _PlainReader(pickle.Unpickler):
    """Bluesky publishes pickles. Whoever can reach the proxy could otherwise make this process run anything."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        if (module_name, global_name) not in _PLAIN:
            raise pickle.UnpicklingError(f"a document holds a {module_name}.{global_name}, which is no plain value")
        return super().find_class(module_name, global_name)


def read_plain(content: bytes) -> dict[str, Any]:
    """Return a published document; an empty one, which belongs to no run, for anything but plain values and arrays."""
    try:
        document = _PlainReader(io.BytesIO(content)).load()
    except Exception:  # the dispatcher would print it; that a document is missing is noticed when its run ends
        return {}
    return document if isinstance(document, dict) else {}


class Documents:
    """Listens to a 0MQ proxy from a thread of its own. A proxy that comes back is found again by 0MQ itself."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._heard: queue.Queue[Document] = queue.Queue(_MOST)
        self._dispatcher: Any = None

    def listen(self) -> None:
        from bluesky.callbacks.zmq import RemoteDispatcher

        self._dispatcher = RemoteDispatcher(self.address, deserializer=read_plain)
        self._dispatcher.subscribe(self._keep)
        threading.Thread(target=self._dispatch, name="documents", daemon=True).start()

    def _dispatch(self) -> None:
        with contextlib.suppress(Exception):  # closing cancels it
            self._dispatcher.start()

    def _keep(self, name: str, document: dict[str, Any]) -> None:
        with contextlib.suppress(queue.Full):  # what is missed is counted when the run ends
            self._heard.put_nowait((name, document))

    def take(self, seconds: float) -> Iterator[Document]:
        """Yield what was heard; wait that long for the first."""
        with contextlib.suppress(queue.Empty):
            yield self._heard.get(timeout=seconds)
            while True:
                yield self._heard.get_nowait()

    def forget(self) -> None:
        """Drop what was heard so far: documents of other plans."""
        for _ in self.take(0.0):
            pass


@dataclass(slots=True, eq=False)
class AttemptDocuments:
    """Passes on the documents of one attempt, and knows whether any were lost on the way."""

    attempt: Mapping[str, Any]
    """What the start documents say under ``nightshift``."""
    hear: Callable[[str, dict[str, Any]], None]
    open_runs: set[str] = field(default_factory=set[str])
    n_stopped: int = 0
    lost: str = ""
    """Which were lost, in a phrase."""
    _streams: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    """Run and stream by descriptor."""
    _files: set[str] = field(default_factory=set[str])
    """Resources: what detectors wrote."""
    _events: dict[tuple[str, str], set[int]] = field(default_factory=dict[tuple[str, str], set[int]])

    @property
    def is_complete(self) -> bool:
        """Whether all runs that began have ended."""
        return self.n_stopped > 0 and not self.open_runs

    def take(self, name: str, document: dict[str, Any]) -> None:
        if self._is_ours(name, document):
            self.hear(name, document)

    def _is_ours(self, name: str, document: dict[str, Any]) -> bool:
        match name:
            case "start":
                return self._begin(document)
            case "descriptor" if document.get("run_start") in self.open_runs:
                self._streams[document["uid"]] = (document["run_start"], document.get("name", "primary"))
                return True
            case "event" | "event_page" if document.get("descriptor") in self._streams:
                numbers = document["seq_num"]
                seen = self._events.setdefault(self._streams[document["descriptor"]], set())
                seen.update(numbers if isinstance(numbers, list) else [numbers])
                return True
            case "stop" if document.get("run_start") in self.open_runs:
                self._end(document)
                return True
            case "resource" | "stream_resource" if document.get("run_start") in self.open_runs:
                self._files.add(document["uid"])
                return True
            case "datum" | "datum_page":
                return document.get("resource") in self._files
            case "stream_datum":
                return document.get("stream_resource") in self._files
            case _:
                return False

    def _begin(self, document: dict[str, Any]) -> bool:
        said = document.get("nightshift")
        if not isinstance(said, dict) or any(said.get(key) != self.attempt.get(key) for key in ("campaign", "trial", "attempt")):
            return False
        self.open_runs.add(document["uid"])
        return True

    def _end(self, document: dict[str, Any]) -> None:
        run = document["run_start"]
        self.open_runs.discard(run)
        self.n_stopped += 1
        for stream, n_events in (document.get("num_events") or {}).items():
            n_heard = len(self._events.get((run, stream), ()))
            if n_heard < n_events:
                self.lost = f"{n_events - n_heard} of {n_events} events of stream {stream}"
