"""Documents to a Tiled server, as bluesky-tiled-plugins lays them out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from orchestrator.domain.documents import TiledPlace
from orchestrator.outbox.decisions import COLUMNS, NUMBERS, STREAM, TEXTS, StoredRow, beginning, ending, event, run_uid
from orchestrator.outbox.packing import Named
from orchestrator.outbox.targets import Decisions
from orchestrator.outbox.tiled_connection import connect, in_words

TABLE = "internal"
"""What TiledWriter calls the table of a stream."""


class TiledTarget:
    """Writes each run once: one that an earlier sender left unfinished is written anew."""

    name = "Tiled"

    def __init__(self, place: TiledPlace) -> None:
        self._place = place
        self._root: Any = None

    def send_run(self, documents: Sequence[Named]) -> None:
        with self._connected() as root:
            _send_run(root, documents)

    def send_decisions(self, decisions: Decisions) -> None:
        with self._connected() as root:
            _send_decisions(root, decisions)

    def close(self) -> None:
        """Hang up; the next document connects again."""
        root, self._root = self._root, None
        if root is not None:
            root.context.http_client.close()

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        """Yield the client; whatever goes wrong, the next document connects again."""
        try:
            with in_words():
                if self._root is None:
                    self._root = connect(self._place)
                yield self._root
        except Exception:
            self.close()
            raise


def _send_run(root: Any, documents: Sequence[Named]) -> None:
    uids = [document["uid"] for name, document in documents if name == "start"]
    if all(uid in root and "stop" in root[uid].metadata for uid in uids):
        return
    for uid in uids:
        _delete(root, uid)
    _write(root, documents)


def _send_decisions(root: Any, decisions: Decisions) -> None:
    uid = run_uid(decisions.first["stream"])
    if decisions.is_anew:
        _delete(root, uid)
    table = _table(_stream(root, uid, decisions.first))
    n_there = _last_seq(table) if decisions.is_begun else 0
    if new := [row for row in decisions.rows if row["seq"] > n_there]:
        table.append_partition(0, _arrow(new))
    stop = ending(decisions.rows)
    if stop is not None and "stop" not in root[uid].metadata:
        root[uid].update_metadata({"stop": stop[1]}, drop_revision=True)


def _stream(root: Any, uid: str, first: StoredRow) -> Any:
    """Return the container of the decisions' stream, made where it is missing."""
    if uid not in root or STREAM not in root[uid]:
        _delete(root, uid)
        _write(root, beginning(first))
    return root[uid][STREAM].base


def _write(root: Any, documents: Sequence[Named]) -> None:
    from bluesky_tiled_plugins import TiledWriter

    writer = TiledWriter(root)
    for name, document in documents:
        writer(name, document)


def _delete(root: Any, uid: str) -> None:
    """Delete a run that is there in part."""
    if uid in root:
        root.delete_contents(uid, recursive=True, external_only=False)


def _table(stream: Any) -> Any:
    return stream[TABLE] if TABLE in stream else stream.create_appendable_table(schema=_schema(), key=TABLE)


def _last_seq(table: Any) -> int:
    numbers = table.read(["seq_num"])["seq_num"]
    return int(numbers.max()) if len(numbers) else 0


def _schema() -> Any:
    import pyarrow

    text, integer, number = pyarrow.string(), pyarrow.int64(), pyarrow.float64()
    columns = {**dict.fromkeys(TEXTS, text), **dict.fromkeys(NUMBERS, integer)}
    return pyarrow.schema({"seq_num": integer, "time": number, **columns, **{f"ts_{name}": number for name in COLUMNS}})


def _arrow(rows: Sequence[StoredRow]) -> Any:
    import pyarrow

    return pyarrow.Table.from_pylist([_flat(event(row)[1]) for row in rows], schema=_schema())


def _flat(document: dict[str, Any]) -> dict[str, Any]:
    """Return an event as TiledWriter lays it out in a table."""
    stamps = {f"ts_{name}": moment for name, moment in document["timestamps"].items()}
    return {"seq_num": document["seq_num"], "time": document["time"], **document["data"], **stamps}
