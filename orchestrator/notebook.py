"""A recorded campaign in a notebook."""

from typing import TYPE_CHECKING

from orchestrator.domain.errors import BadInput
from orchestrator.wording.installing import how_to_install

if TYPE_CHECKING:
    import pandas

    from orchestrator.queries.table import Row

_MOMENTS = ("suggested_at", "started_at", "finished_at")


def load(campaign: str, ledger: str | None = None, *, tiled: str | None = None) -> "pandas.DataFrame":
    """Return a campaign's table, a row per trial: the columns of ``nightshift export``.

    Args:
        campaign: Its id, a unique beginning of it, or ``last``.
        ledger: A SQLAlchemy URL; None for the person's own ledger.
        tiled: A Tiled server's address, to read the campaign from there alone; ``TILED_API_KEY`` holds the key.

    Returns:
        Numbers as numbers, missing ones as NaN; moments as UTC datetimes; units stand in the column names. The campaign's id
        is in ``.attrs["campaign"]``.

    Raises:
        UnknownCampaign: If the ledger holds none of that name, or several.
        BadInput: If pandas is not installed, or Tiled does not answer.
        LedgerCorrupt: If what Tiled has is not what the ledger had.
    """
    try:
        import pandas as pd
    except ImportError:
        raise BadInput(f"orchestrator.load needs pandas; {how_to_install('notebook')}") from None
    found, rows = _from_ledger(campaign, ledger) if tiled is None else _from_tiled(campaign, tiled)
    frame = pd.DataFrame.from_records(list(rows))
    for name in _MOMENTS:
        if name in frame:
            frame[name] = pd.to_datetime(frame[name], format="ISO8601", utc=True)
    frame.attrs["campaign"] = found
    return frame


def _from_ledger(campaign: str, ledger: str | None) -> "tuple[str, tuple[Row, ...]]":
    from orchestrator.bootstrap import find, open_workplace
    from orchestrator.bootstrap.reading import rows

    with open_workplace(ledger) as place:
        found = find(place, campaign)
        return found, rows(place, found)


def _from_tiled(campaign: str, uri: str) -> "tuple[str, tuple[Row, ...]]":
    from orchestrator.bootstrap.from_tiled import rows_from_tiled
    from orchestrator.outbox.tiled_connection import place_at

    return rows_from_tiled(place_at(uri), campaign)
