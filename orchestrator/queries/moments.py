"""Moments as people read them at a terminal and in a log: their own clock's time, and how far that is from UTC."""

from datetime import datetime


def show_moment(moment: datetime) -> str:
    """Return ``2025-11-20 22:30:05+01:00``: unmistakable in another time zone, and in the night the clocks change."""
    return moment.astimezone().isoformat(sep=" ", timespec="seconds")
