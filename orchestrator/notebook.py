"""A recorded campaign in a notebook."""

from typing import TYPE_CHECKING

from orchestrator.domain.errors import BadInput

if TYPE_CHECKING:
    import pandas

_MOMENTS = ("suggested_at", "started_at", "finished_at")


def load(campaign: str, ledger: str | None = None) -> "pandas.DataFrame":
    """Return a campaign's table, a row per trial: the columns of ``nightshift export``.

    Args:
        campaign: Its id, a unique beginning of it, or ``last``.
        ledger: A SQLAlchemy URL; None for the person's own ledger.

    Returns:
        Numbers as numbers, missing ones as NaN; moments as UTC datetimes; units stand in the column names. The campaign's id
        is in ``.attrs["campaign"]``.

    Raises:
        UnknownCampaign: If the ledger holds none of that name, or several.
        BadInput: If pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError:
        raise BadInput("orchestrator.load needs pandas: pip install 'nightshift[notebook]'") from None
    from orchestrator.bootstrap import find, open_workplace
    from orchestrator.bootstrap.reading import rows

    with open_workplace(ledger) as place:
        found = find(place, campaign)
        frame = pd.DataFrame.from_records(list(rows(place, found)))
    for name in _MOMENTS:
        if name in frame:
            frame[name] = pd.to_datetime(frame[name], format="ISO8601", utc=True)
    frame.attrs["campaign"] = found
    return frame
