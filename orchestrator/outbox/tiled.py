"""Documents to a Tiled server, as bluesky-tiled-plugins lays them out, and a campaign's decisions back from there."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pydantic import ValidationError

from orchestrator.domain.documents import TiledPlace
from orchestrator.domain.errors import BadInput
from orchestrator.outbox.decisions import (
    COLUMNS,
    NUMBERS,
    PLAN_NAME,
    STREAM,
    TEXTS,
    StoredRow,
    beginning,
    ending,
    event,
    run_uid,
    stored_row,
)
from orchestrator.outbox.packing import Named
from orchestrator.outbox.targets import Decisions, Unreachable, secret

_SECONDS = 30.0
"""How long one answer may take."""
_CLOSED_DOORS = (401, 403, 408, 429, 502, 503, 504)
"""Answers that say nothing about the documents."""
_KEY = "TILED_API_KEY"
"""What Tiled's own client reads, too."""
_TABLE = "internal"
"""What TiledWriter calls the table of a stream."""
MISSING = "bluesky-tiled-plugins is not installed; run: pip install 'nightshift[documents]'"


class TiledTarget:
    """Writes each run once: one that an earlier sender left unfinished is written anew."""

    name = "Tiled"

    def __init__(self, place: TiledPlace) -> None:
        self._place = place
        self._root: Any = None

    def send_run(self, documents: Sequence[Named]) -> None:
        with _in_words(self):
            self._send_run(documents)

    def send_decisions(self, decisions: Decisions) -> None:
        with _in_words(self):
            self._send_decisions(decisions)

    def close(self) -> None:
        """Hang up; the next document connects again."""
        root, self._root = self._root, None
        if root is not None:
            root.context.http_client.close()

    def _send_run(self, documents: Sequence[Named]) -> None:
        from bluesky_tiled_plugins import TiledWriter

        root = self._connected()
        uids = [document["uid"] for name, document in documents if name == "start"]
        if all(_is_whole(root, uid) for uid in uids):
            return
        for uid in uids:
            if uid in root:
                root.delete_contents(uid, recursive=True, external_only=False)
        writer = TiledWriter(root)
        for name, document in documents:
            writer(name, document)

    def _send_decisions(self, decisions: Decisions) -> None:
        root, first = self._connected(), decisions.first
        uid = run_uid(first["stream"])
        stream = self._stream(root, uid, first)
        table = _table(stream)
        n_there = _last_seq(table) if decisions.is_begun else 0
        new = [row for row in decisions.rows if row["seq"] > n_there]
        if new:
            table.append_partition(0, _arrow(new))
        stop = ending(decisions.rows)
        if stop is not None and "stop" not in root[uid].metadata:
            root[uid].update_metadata({"stop": stop[1]}, drop_revision=True)

    def _stream(self, root: Any, uid: str, first: StoredRow) -> Any:
        """Return the container of the decisions' stream, made where it is missing."""
        if uid in root and STREAM in root[uid]:
            return root[uid][STREAM].base
        from bluesky_tiled_plugins import TiledWriter

        if uid in root:
            root.delete_contents(uid, recursive=True, external_only=False)
        writer = TiledWriter(root)
        for name, document in beginning(first):
            writer(name, document)
        return root[uid][STREAM].base

    def _connected(self) -> Any:
        if self._root is None:
            self._root = connect(self._place)
        return self._root


def connect(place: TiledPlace) -> Any:
    """Return a client of the container that runs lie in.

    Raises:
        Unreachable: If the server does not answer, or does not let us in, or no client is installed.
    """
    os.environ.setdefault("TILED_RETRY_ATTEMPTS", "1")  # we try again ourselves, and tell people meanwhile
    try:
        import httpx
        from tiled.client import from_uri
    except ImportError:
        raise Unreachable(MISSING) from None
    with _in_words():
        node: Any = from_uri(place.uri, api_key=secret(place.api_key_env, "documents.tiled"), timeout=httpx.Timeout(_SECONDS))
        for part in filter(None, place.path.split("/")):
            node = node[part] if part in node else node.create_container(key=part)
        return node


@contextmanager
def connected(place: TiledPlace) -> Iterator[Any]:
    """Connect while the block runs. Raises what ``connect`` does."""
    root = connect(place)
    try:
        with _in_words():
            yield root
    finally:
        root.context.http_client.close()


def place_at(uri: str) -> TiledPlace:
    """Return a server at an address, its key in ``TILED_API_KEY`` where it wants one; ``URI#path`` names the container.

    Raises:
        BadInput: If it is no address, or holds the key itself.
    """
    address, _, path = uri.partition("#")
    try:
        return TiledPlace(uri=address, api_key_env=_KEY if os.environ.get(_KEY) else None, path=path)
    except ValidationError as error:
        raise BadInput(f"--tiled {address}: {error.errors()[0]['msg']}; write it like http://localhost:8000, the key in {_KEY}") from None


def read_decisions(place: TiledPlace, campaign: str) -> tuple[StoredRow, ...]:
    """Return a campaign's ledger as its decisions in Tiled tell it, in order; empty where Tiled has none.

    Raises:
        Unreachable: If the server does not answer or does not let us in.
    """
    with connected(place) as root:
        uid = run_uid(campaign)
        if uid not in root or STREAM not in root[uid]:
            return ()
        frame = root[uid][STREAM].base[_TABLE].read(["seq_num", *COLUMNS])
    rows = (stored_row(campaign, told) for told in frame.to_dict("records"))
    return tuple(sorted(rows, key=lambda row: row["seq"]))


def campaigns_in(place: TiledPlace) -> tuple[str, ...]:
    """Return the campaigns whose decisions a Tiled server has, newest first.

    Raises:
        Unreachable: If the server does not answer or does not let us in.
    """
    with connected(place) as root:
        from tiled.queries import Key

        starts = [run.metadata["start"] for run in root.search(Key("start.plan_name") == PLAN_NAME).values()]
    return tuple(start["nightshift"]["campaign"] for start in sorted(starts, key=lambda start: start["time"], reverse=True))


@contextmanager
def _in_words(target: "TiledTarget | None" = None) -> Iterator[None]:
    """Turn what clients raise into what it means for the documents."""
    try:
        yield
    except Unreachable:
        raise
    except ImportError:
        raise Unreachable(MISSING) from None
    except Exception as error:  # the client raises what httpx and its server happen to say
        if target is not None:
            target.close()
        if (meaning := _unreachable(error)) is not None:
            raise Unreachable(meaning) from error
        raise


def _unreachable(error: Exception) -> str | None:
    """Return why nothing can be sent now; None where the documents may be at fault."""
    import httpx

    if isinstance(error, httpx.HTTPStatusError):
        code = error.response.status_code
        return f"it answers {code} ({error.response.reason_phrase})" if code in _CLOSED_DOORS else None
    if isinstance(error, httpx.TransportError):
        return f"it does not answer ({error or type(error).__name__})"
    return None


def _is_whole(root: Any, uid: str) -> bool:
    return uid in root and "stop" in root[uid].metadata


def _table(stream: Any) -> Any:
    return stream[_TABLE] if _TABLE in stream else stream.create_appendable_table(schema=_schema(), key=_TABLE)


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
