"""What is asked of a query worker. Answers depend on nothing else, so that equal questions are answered once."""

from dataclasses import dataclass
from typing import Literal

from orchestrator.wire.trials import Posterior

HeldAt = Literal["best", "suggested"]
"""Where parameters that are not drawn are held: at the best point then, or at the one that was suggested."""


@dataclass(frozen=True, slots=True)
class QuerySetup:
    """What a query worker opens."""

    address: str
    """The ledger's URL."""


@dataclass(frozen=True, slots=True)
class AskSlice:
    """What the model of one decision believed along one or two parameters. Answered by a Posterior."""

    campaign: str
    trial: int
    based_on: int
    """The ledger sequence number up to which the agent had been shown the campaign."""
    objective: str
    x: str
    y: str | None
    n: int
    """Points along each axis."""
    held_at: HeldAt


@dataclass(frozen=True, slots=True)
class AskReport:
    """A campaign's report as of a ledger sequence number. Answered by HTML."""

    campaign: str
    seq: int


@dataclass(frozen=True, slots=True)
class AskTable:
    """A campaign's table as of a ledger sequence number. Answered by CSV."""

    campaign: str
    seq: int


Question = AskSlice | AskReport | AskTable
Answer = Posterior | str
