"""What ``nightshift watch`` shows, moment by moment: from a server's stream, or from the ledger by looking again."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from orchestrator.wire.campaigns import CampaignStatus
from orchestrator.wire.instruments import Live
from orchestrator.wire.streams import StreamedEvent
from orchestrator.wire.trials import Trial

if TYPE_CHECKING:
    from orchestrator.bootstrap import Workplace
    from orchestrator.client import NightshiftClient

N_TRIALS = 6
_POLL_SECONDS = 0.5
_LIVE_SECONDS = 1.0
"""How often the instrument is asked at most; a terminal is not a scope."""
_OVER = ("completed", "aborted")
_ENDED = ("stopped", "failed")
_PATIENCE_SECONDS = 15.0
"""A server starts another runner within seconds where one has crashed, and a lease outlives its runner by ten."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One moment."""

    status: CampaignStatus
    trials: tuple[Trial, ...]
    """The latest, in order."""
    curve: tuple[float, ...]
    """Best so far, by scored trial."""
    live: Live | None = None
    live_age_s: float | None = None
    """When the frame was made."""
    made_at: float = field(default_factory=time.monotonic)

    @property
    def is_last(self) -> bool:
        return self.status.status in _OVER

    def heard(self) -> "Frame":
        """Return the same frame, known to be true now."""
        return replace(self, made_at=time.monotonic())


def ledger_frames(workplace: "Workplace", campaign: str, sleep: Callable[[float], None] = time.sleep) -> Iterator[Frame]:
    """Yield frames until the campaign is over, looking at the ledger twice a second."""
    from orchestrator.api.cache import CampaignCache
    from orchestrator.api.shown.status import shown_status
    from orchestrator.bootstrap.sending import documents_amiss

    cache = CampaignCache(workplace)
    while True:
        followed = cache.get(campaign)
        numbers = range(max(1, len(followed.state.trials) - N_TRIALS + 1), len(followed.state.trials) + 1)
        n_commands = len(workplace.ledger.commands(campaign))
        status = shown_status(
            followed,
            runner=_runner(workplace, campaign),
            n_commands=n_commands,
            now=datetime.now(UTC),
            documents=documents_amiss(workplace, campaign),
            part=cache.running_part(followed),
        )
        live = _live(workplace, campaign) if status.is_run else None
        age_s = None if live is None else max(0.0, (status.now - live.at).total_seconds())
        frame = Frame(status, tuple(map(followed.trial, numbers)), tuple(best.best for best in followed.bests), live, age_s)
        yield frame
        if frame.is_last:
            return
        sleep(_POLL_SECONDS)


def until_nobody_runs_it(frames: Iterator[Frame], monotonic: Callable[[], float] = time.monotonic) -> Iterator[Frame]:
    """Yield frames while somebody runs the campaign, or is about to: nothing more is to be seen of one that nobody goes on with."""
    alone_since: float | None = None
    for frame in frames:
        yield frame
        if frame.status.is_run or frame.status.status == "created":
            alone_since = None
            continue
        alone_since = monotonic() if alone_since is None else alone_since
        if frame.status.status in _ENDED or monotonic() - alone_since >= _PATIENCE_SECONDS:
            return


def _live(workplace: "Workplace", campaign: str) -> Live | None:
    """Return what the instrument shows, if its sentinel answers on this machine."""
    from orchestrator.bootstrap.live import live_values

    document = live_values(workplace, campaign)
    return None if document is None else Live.model_validate(document, strict=False)


def _runner(workplace: "Workplace", campaign: str) -> str:
    from orchestrator.bootstrap import has_runner

    found = workplace.ledger.holder(f"campaign:{campaign}")
    return str(found[0]) if found is not None and has_runner(workplace, campaign) else ""


def server_frames(client: "NightshiftClient", campaign: str, monotonic: Callable[[], float] = time.monotonic) -> Iterator[Frame]:
    """Yield frames until the campaign is over, one whenever the server says something; its heart beats every few seconds."""
    frame = _first_frame(client, campaign)
    looked_at = monotonic()
    yield frame
    for streamed in client.listen(campaign, after=frame.status.seq):
        if frame.is_last:
            return
        match streamed:
            case StreamedEvent():
                frame = replace(frame, trials=_with(frame.trials, streamed.trial))
            case CampaignStatus():
                frame = replace(frame, status=streamed, curve=_grown(frame.curve, streamed))
            case _:
                pass
        if monotonic() - looked_at >= _LIVE_SECONDS:
            frame, looked_at = _with_live(client, frame), monotonic()
        yield frame.heard()


def _first_frame(client: "NightshiftClient", campaign: str) -> Frame:
    status = client.status(campaign)
    trials = tuple(client.trials(campaign, after=max(0, status.n_trials - N_TRIALS)))[-N_TRIALS:]
    curve = tuple(point.best for point in client.progress(campaign).points)
    return _with_live(client, Frame(status, trials, curve))


def _with(trials: tuple[Trial, ...], changed: Trial | None) -> tuple[Trial, ...]:
    if changed is None:
        return trials
    kept = {trial.trial: trial for trial in (*trials, changed)}
    return tuple(kept[number] for number in sorted(kept))[-N_TRIALS:]


def _grown(curve: tuple[float, ...], status: CampaignStatus) -> tuple[float, ...]:
    """Return the curve with the best so far at every score that is new."""
    n_new = status.n_scored - len(curve)
    return curve if status.best is None or n_new <= 0 else (*curve, *[status.best.value] * n_new)


def _with_live(client: "NightshiftClient", frame: Frame) -> Frame:
    """Return the frame with the instrument's latest values; without any where nothing can be seen from outside."""
    from orchestrator.client import RequestRefused

    try:
        instrument = client.instrument(frame.status.instrument_id)
    except RequestRefused:
        return replace(frame, live=None, live_age_s=None)
    return replace(frame, live=instrument.live, live_age_s=instrument.live_age_s)
