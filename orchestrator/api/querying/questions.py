"""What is asked of a query worker. Answers depend on nothing else, so that equal questions are answered once."""

from dataclasses import dataclass

from orchestrator.queries.slices import Slice
from orchestrator.wire.trials import Posterior


@dataclass(frozen=True, slots=True)
class QuerySetup:
    """What a query worker opens."""

    address: str
    """The ledger's URL."""


@dataclass(frozen=True, slots=True)
class AskSlice:
    """What the model of one decision believed along one or two parameters. Answered by a Posterior."""

    campaign: str
    slice: Slice


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
