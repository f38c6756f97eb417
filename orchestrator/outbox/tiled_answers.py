"""Results that an analysis wrote into Tiled, found by what their metadata says of the trial. Nothing is written there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from orchestrator.domain.documents import TiledPlace
from orchestrator.outbox.targets import Unreachable
from orchestrator.outbox.tiled_connection import connect_root, in_words

_RUNS_AT_ONCE = 50
"""Uids in one question: an address of 2 kB, which every proxy passes."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Result:
    """One node under the path, as the search told it."""

    key: str
    metadata: Mapping[str, Any]
    columns: tuple[str, ...] = ()
    """Those of a table."""
    read: Callable[[Sequence[str]], Sequence[Row]] = lambda _columns: ()
    """Returns a table's rows. Raises Unreachable, or what the client says of a table that is not written yet."""


@dataclass(slots=True)
class Results:
    """What lies under a path of a server, asked anew whenever somebody looks."""

    find_place: Callable[[], TiledPlace]
    """Returns the server. Raises Unreachable where nobody names one."""
    path: str
    _container: Any = field(default=None, init=False)

    def of_campaign(self, key: str, campaign: str, after: int = 0) -> tuple[Result, ...]:
        """Return what names a campaign, in the order it was written.

        Args:
            key: Of the metadata, holding a mapping with ``campaign``.
            campaign: Its id.
            after: So many of them are passed over.

        Raises:
            Unreachable: If the server does not answer or does not let us in, or has no such path.
        """
        with self._connected() as container:
            from tiled.queries import Key

            found = container.search(Key(f"{key}.campaign") == campaign)
            return tuple(_result(name, node) for name, node in found.items()[after:])

    def of_runs(self, key: str, uids: Sequence[str]) -> tuple[Result, ...]:
        """Return what names one of these runs. Raises what ``of_campaign`` does."""
        with self._connected() as container:
            from tiled.queries import In

            searches = (container.search(In(key, list(some))) for some in _chunks(uids))
            return tuple(_result(name, node) for found in searches for name, node in found.items())

    def close(self) -> None:
        """Hang up; the next question connects again."""
        container, self._container = self._container, None
        if container is not None:
            container.context.http_client.close()

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        """Yield the client; whatever goes wrong, the next question connects again."""
        try:
            with in_words():
                if self._container is None:
                    self._container = _open(self.find_place(), self.path)
                yield self._container
        except Exception:
            self.close()
            raise


def _open(place: TiledPlace, path: str) -> Any:
    """Return a client of a container that must be there."""
    node = root = connect_root(place, "answers.tiled")
    whole = "/".join(filter(None, (place.path, path)))
    try:
        for part in filter(None, whole.split("/")):
            if not hasattr(node, "search") or part not in node:
                raise Unreachable(f"it has no container {whole}")
            node = node[part]
    except BaseException:
        root.context.http_client.close()
        raise
    return node


def _chunks(uids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (uids[first : first + _RUNS_AT_ONCE] for first in range(0, len(uids), _RUNS_AT_ONCE))


def _result(key: str, node: Any) -> Result:
    attributes = node.item["attributes"]
    if attributes["structure_family"] != "table":
        return Result(key, attributes["metadata"])

    def read(columns: Sequence[str]) -> Sequence[Row]:
        with in_words():
            return node.read(list(columns)).to_dict("records")

    return Result(key, attributes["metadata"], tuple(attributes["structure"]["columns"]), read)
