"""What waits for its analysis, for people and for the programs that analyse."""

from orchestrator.domain.analysis import awaited, deadline, is_full, missing, most_pending, waiting_since
from orchestrator.domain.campaign import CampaignState, Trial
from orchestrator.wire.waiting import AnalysisWait, Awaited, AwaitedTrial

_MOST_NUMBERS = 20


def shown_wait(state: CampaignState) -> AnalysisWait | None:
    """Return how much analysis is outstanding; None where none is."""
    since = waiting_since(state)
    if since is None:
        return None
    numbers = tuple(trial.number for trial in awaited(state))
    return AnalysisWait(n=len(numbers), most=most_pending(state), trials=numbers[:_MOST_NUMBERS], since=since, is_full=is_full(state))


def shown_awaited(state: CampaignState) -> Awaited:
    """Return every trial that waits for its analysis."""
    return Awaited(trials=tuple(_shown(state, trial) for trial in awaited(state)), most=most_pending(state))


def _shown(state: CampaignState, trial: Trial) -> AwaitedTrial:
    seen, last = trial.observation, deadline(state, trial)
    assert seen is not None, f"trial {trial.number} awaits an analysis without having been measured"
    return AwaitedTrial(
        trial=trial.number,
        attempt=seen.attempt,
        run_uid=seen.run_uid,
        scan_id=seen.scan_id,
        point=trial.point,
        objectives=missing(state, trial),
        since=trial.awaiting_since or seen.finished_at,
        expires_at=None if last is None else last[0],
        on_timeout="" if last is None else last[1].on_timeout,
    )
