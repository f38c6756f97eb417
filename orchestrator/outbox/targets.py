"""What a target is, whichever it is."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from orchestrator.domain.documents import DocumentPlaces
from orchestrator.outbox.decisions import StoredRow
from orchestrator.outbox.packing import Named


class Unreachable(Exception):
    """The target cannot be asked now, or does not let us in; whatever is sent may be sent again later."""


class NotTaken(Exception):
    """The target is there and will not have these documents."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """Some of a campaign's ledger, in order."""

    first: StoredRow
    """The campaign's first event."""
    rows: Sequence[StoredRow]
    """Those to send."""
    is_begun: bool = True
    """Whether some may have been sent before."""
    is_anew: bool = False
    """Whether those are to be replaced: these are the campaign's first, and all others follow."""


class Target(Protocol):
    """Takes documents. What was sent before may be sent again: a crash forgets what arrived.

    Both methods raise Unreachable or NotTaken; anything else is taken for the latter.
    """

    name: str

    def send_run(self, documents: Sequence[Named]) -> None: ...

    def send_decisions(self, decisions: Decisions) -> None: ...


def targets_of(places: DocumentPlaces) -> tuple[Target, ...]:
    """Return the targets a site names; nothing is connected or imported yet."""
    from orchestrator.outbox.kafka import KafkaTarget
    from orchestrator.outbox.tiled import TiledTarget

    tiled = () if places.tiled is None else (TiledTarget(places.tiled),)
    return (*tiled, *(() if places.kafka is None else (KafkaTarget(places.kafka),)))


def secret(variable: str | None, what: str) -> str | None:
    """Return what an environment variable holds. Raises Unreachable if it is named and empty."""
    if variable is None:
        return None
    if not (found := os.environ.get(variable)):
        raise Unreachable(f"{what}: the environment variable {variable} is not set; set it where nightshift runs")
    return found
