"""Server-sent events, and how a campaign is followed without missing any."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import httpx

from orchestrator.client.connection import Connection, path_of, raise_for_problem
from orchestrator.client.errors import ServerProblem, ServerUnreachable
from orchestrator.wire.campaigns import CampaignStatus
from orchestrator.wire.streams import Heartbeat, StreamedEvent

_SILENCE_SECONDS = 20.0
"""The server's heart beats every five; after this the connection counts as lost, whatever the network says."""
_PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds before each next try to reconnect; the last one goes on."""
_PASSING = (429, 502, 503, 504)
"""Answers of a server, or of a proxy before it, that may be better in a moment."""
_OVER = ("completed", "aborted")

Streamed = StreamedEvent | CampaignStatus | Heartbeat


@dataclass(frozen=True, slots=True)
class Message:
    """One server-sent event."""

    event: str
    data: str
    id: str = ""


def messages(lines: Iterable[str]) -> Iterator[Message]:
    """Yield the events of a stream's lines; comments and half a last event are left out."""
    fields: dict[str, str] = {}
    for line in lines:
        if not line:
            if "data" in fields:
                yield Message(fields.get("event", "message"), fields["data"], fields.get("id", ""))
            fields = {}
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        fields[name] = f"{fields['data']}\n{value}" if name == "data" and "data" in fields else value


def listen(
    connection: Connection,
    campaign: str,
    after: int,
    *,
    patience: float,
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> Iterator[Streamed]:
    """Yield everything a campaign's stream says, over as many connections as it takes.

    Args:
        connection: The server.
        campaign: Its exact id.
        after: The last ledger event that is known already.
        patience: Seconds without hearing anything before giving up.
        sleep: For tests.
        monotonic: For tests.

    Raises:
        ServerUnreachable: If nothing was heard for that long.
        ServerProblem: If the server refuses, for example because it has no such campaign.
    """
    heard_at, n_failures = monotonic(), 0
    while True:
        try:
            for message in _connected(connection, campaign, after):
                heard_at, n_failures = monotonic(), 0
                if message.event == "reset":
                    after = 0  # the ledger is not the one we knew: it ends before our last event
                streamed = _read(message)
                if isinstance(streamed, StreamedEvent):
                    if streamed.seq <= after:
                        continue  # the server may repeat itself; we do not
                    after = streamed.seq
                if streamed is not None:
                    yield streamed
        except httpx.TransportError as error:
            if monotonic() - heard_at > patience:
                raise connection.unreachable(error) from None
        except ServerProblem as problem:
            if problem.status not in _PASSING or monotonic() - heard_at > patience:
                raise
        else:
            if monotonic() - heard_at > patience:
                raise ServerUnreachable(f"{connection.url} ends the stream of {campaign} again and again without a word; is it well?")
        sleep(_PAUSES[min(n_failures, len(_PAUSES) - 1)])
        n_failures += 1


def ledger_events(streamed: Iterable[Streamed], after: int) -> Iterator[StreamedEvent]:
    """Yield the ledger events of a stream, and end once the campaign is over and its last event was seen."""
    seen = after
    for each in streamed:
        if isinstance(each, StreamedEvent):
            seen = each.seq
            yield each
        elif isinstance(each, CampaignStatus) and each.status in _OVER and each.seq <= seen:
            return


def _connected(connection: Connection, campaign: str, after: int) -> Iterator[Message]:
    with connection.stream(f"{path_of(campaign)}/stream", {"Last-Event-ID": str(after)}, _SILENCE_SECONDS) as response:
        if not response.is_success:
            response.read()
            raise_for_problem(response)
        yield from messages(response.iter_lines())


def _read(message: Message) -> Streamed | None:
    """Return what a message says; None for kinds that came after this client."""
    match message.event:
        case "ledger":
            return StreamedEvent.model_validate_json(message.data)
        case "status":
            return CampaignStatus.model_validate_json(message.data)
        case "beat":
            return Heartbeat.model_validate_json(message.data)
        case _:
            return None
