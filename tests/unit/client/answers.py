"""A server that answers what a test says, without a socket."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

import httpx

from orchestrator.client import NightshiftClient
from orchestrator.domain.base import Value
from orchestrator.wire.campaigns import CampaignStatus
from orchestrator.wire.problems import Problem
from orchestrator.wire.standing import Standing
from orchestrator.wire.streams import StreamedEvent
from orchestrator.wire.trials import Trial

URL = "http://beamline.example"
KEY = "ns_abcdefgh_secret"
NOW = datetime(2026, 3, 1, 21, 0, tzinfo=UTC)
CAMPAIGN = "alignment-260301-200000-ab12"


def client(answer: Callable[[httpx.Request], httpx.Response]) -> NightshiftClient:
    nightshift = NightshiftClient(URL, KEY, transport=httpx.MockTransport(answer))
    nightshift._connection._sleep = lambda _: None
    return nightshift


def ok(body: Value) -> httpx.Response:
    return httpx.Response(200, text=body.model_dump_json())


def refused(status: int, kind: str, detail: str) -> httpx.Response:
    problem = Problem(type=f"/problems/{kind}", title="Refused", status=status, detail=detail)
    return httpx.Response(status, text=problem.model_dump_json(), headers={"Content-Type": "application/problem+json"})


def a_trial(number: int) -> Trial:
    return Trial(trial=number, kind="agent", status="scored", point={"x": 1.5}, agent="random", role="agent", attempts=1, suggested_at=NOW)


def a_status(status: str = "running", *, seq: int = 3, n_trials: int = 2) -> CampaignStatus:
    return CampaignStatus(
        campaign=CAMPAIGN,
        name="alignment",
        status=status,
        succeeded=None,
        is_run=status == "running",
        standing=Standing(level="ok", word=status, sentence=f"The campaign is {status}.", since=NOW),
        reason="",
        phase="measuring",
        created_at=NOW,
        started_at=NOW,
        ends_at=None,
        updated_at=NOW,
        now=NOW,
        objectives=(),
        space=(),
        n_trials=n_trials,
        n_scored=n_trials,
        best=None,
        spent=(),
        agent="random",
        instrument="dataset",
        instrument_id="i",
        approval="auto",
        seq=seq,
        head="0" * 64,
    )


def an_event(seq: int) -> StreamedEvent:
    return StreamedEvent(seq=seq, type="trial-scored", at=NOW, actor="rewards", text=f"event {seq}")


def frame(event: str, body: Value, id: int | None = None) -> bytes:
    line = "" if id is None else f"id: {id}\n"
    return f"event: {event}\n{line}data: {body.model_dump_json()}\n\n".encode()


def ledger(*seqs: int) -> list[bytes]:
    return [frame("ledger", an_event(seq), seq) for seq in seqs]


class Stream(httpx.SyncByteStream):
    """Server-sent events, and how their connection ends."""

    def __init__(self, frames: Iterable[bytes], ending: Exception | None = None) -> None:
        self._frames = frames
        self._ending = ending

    def __iter__(self) -> Iterator[bytes]:
        yield from self._frames
        if self._ending is not None:
            raise self._ending


def streamed(frames: Iterable[bytes], ending: Exception | None = None) -> httpx.Response:
    return httpx.Response(200, headers={"Content-Type": "text/event-stream"}, stream=Stream(frames, ending))
