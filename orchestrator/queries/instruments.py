"""How instruments are named in addresses."""

import re

_ODD = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 100


def instrument_id(identity: str, campaign: str) -> str:
    """Return an instrument's name in addresses: its identity, or its campaign's id where it is private to it."""
    return (_ODD.sub("-", identity).strip("-") or campaign)[:_LONGEST]
