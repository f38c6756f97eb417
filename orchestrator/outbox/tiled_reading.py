"""A campaign's decisions, back from a Tiled server."""

from orchestrator.domain.documents import TiledPlace
from orchestrator.outbox.decisions import COLUMNS, PLAN_NAME, STREAM, StoredRow, run_uid, stored_row
from orchestrator.outbox.tiled import TABLE
from orchestrator.outbox.tiled_connection import connected


def read_decisions(place: TiledPlace, campaign: str) -> tuple[StoredRow, ...]:
    """Return a campaign's ledger as its decisions in Tiled tell it, in order; empty where Tiled has none.

    Raises:
        Unreachable: If the server does not answer or does not let us in.
    """
    with connected(place) as root:
        uid = run_uid(campaign)
        if uid not in root or STREAM not in root[uid]:
            return ()
        frame = root[uid][STREAM].base[TABLE].read(["seq_num", *COLUMNS])
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
