"""Where a command reaches its campaigns: on the ledger, or through a server. Commands need not know which."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import typer

from orchestrator.domain.errors import BadInput

if TYPE_CHECKING:
    from pydantic import JsonValue

    from orchestrator.cli.frames import Frame
    from orchestrator.domain.events import LedgerEvent
    from orchestrator.domain.ports import Summary, Verb
    from orchestrator.domain.spec import CampaignSpec
    from orchestrator.wire.trials import Posterior, TrialDetail
    from orchestrator.wire.waiting import WaitingApproval

SERVER = "nightshift.server"
"""Where the callback of the command line leaves the server's address for the commands."""
KEY_VARIABLE = "NIGHTSHIFT_KEY"


class Desk(Protocol):
    """What commands ask and order."""

    @property
    def place(self) -> str:
        """The ledger's URL without a password, or the server's."""
        ...

    def find(self, wanted: str) -> str:
        """Return a campaign's exact id. Raises BadInput if there is none, or more than one."""
        ...

    def order(
        self,
        verb: "Verb",
        campaign: str,
        *,
        trial: int | None = None,
        note: str = "",
        is_now: bool = False,
        content: "Mapping[str, JsonValue] | None" = None,
    ) -> str:
        """Return what became of an order, one sentence."""
        ...

    def waiting(self, campaign: str) -> "WaitingApproval | None": ...

    def spec(self, campaign: str) -> "CampaignSpec":
        """Return the spec as it is in force now."""
        ...

    def summaries(self) -> "tuple[Summary, ...]": ...

    def is_run(self, campaign: str) -> bool:
        """Return whether a living runner drives the campaign."""
        ...

    def events(self, stream: str, after: int) -> "Iterator[LedgerEvent]": ...

    def show(self, campaign: str) -> None:
        """Tell people how a campaign stands."""
        ...

    def document(self, campaign: str) -> Mapping[str, Any]:
        """Return the same for programs."""
        ...

    def trial(self, campaign: str, number: int) -> "TrialDetail":
        """Return everything known of one trial. Raises BadInput if the campaign has none of that number."""
        ...

    def frames(self, campaign: str) -> "Iterator[Frame]":
        """Yield how a campaign stands, again and again until it is over."""
        ...

    def report(self, campaign: str, path: Path) -> None: ...

    def export(self, campaign: str, path: Path) -> None: ...

    def posterior(
        self, campaign: str, *, trial: int | None, objective: str | None, x: str | None, y: str | None, n: int | None
    ) -> "Posterior":
        """Return what the agent's model believed along one or two parameters."""
        ...


@contextmanager
def desk(ctx: typer.Context, ledger: str | None) -> Iterator[Desk]:
    """Open the server that was asked for, else the ledger.

    Raises:
        BadInput: If both were asked for, or the key is missing.
    """
    url = server_of(ctx, ledger)
    if url is None:
        from orchestrator.cli.ledger_desk import LedgerDesk
        from orchestrator.cli.options import workplace

        with workplace(ctx, ledger) as place:
            yield LedgerDesk(place)
    else:
        from orchestrator.cli.server_desk import ServerDesk
        from orchestrator.client import NightshiftClient

        with NightshiftClient(url, key_for(url)) as client:
            yield ServerDesk(client)


def server_of(ctx: typer.Context, ledger: str | None) -> str | None:
    """Return the server to talk to; None for the ledger. An option on the command line beats the environment."""
    url: str | None = ctx.meta.get(SERVER)
    root = ctx.find_root()
    source = root.get_parameter_source("server")
    is_asked_for = url is not None and source is not None and source.name == "COMMANDLINE"
    named = ledger or ctx.obj
    if named and is_asked_for:
        raise BadInput(f"both --server {url} and --ledger are given; keep one")
    return None if named else url


def key_for(url: str) -> str:
    """Return the key to show a server. Raises BadInput if none is set."""
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if not key:
        raise BadInput(
            f"{KEY_VARIABLE} is not set, and {url} lets nobody in without a key; "
            "make one where the server runs: nightshift keys create NAME --role operator"
        )
    return key
