"""What became of an order that was carried out while nobody runs the campaign, and how it goes on. Pure."""

from collections.abc import Iterable

from orchestrator.domain import events as ev
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.parts import SampleSkipped, whole_of
from orchestrator.domain.space import show_point


def told_of(campaign: str, events: Iterable[ev.LedgerData], state: CampaignState) -> str:
    """Return ``night-1: trial 3 vetoed; nobody runs it: nightshift resume night-1 goes on``.

    Args:
        campaign: Its id.
        events: What the order amounted to.
        state: With them.
    """
    done = ", ".join(filter(None, map(_in_words, events))) or f"it is {state.shown_status}"
    return f"{campaign}: {done}{'' if state.status.is_final else f'; {_way_on(campaign, state)}'}"


def _way_on(campaign: str, state: CampaignState) -> str:
    goes_on = f"nightshift resume {whole_of(campaign)}"
    waiting = state.current
    if state.is_waiting_for_approval and waiting is not None:
        return f"nobody runs it: approve or veto trial {waiting.number}, then {goes_on}"
    return f"nobody runs it: {goes_on} goes on"


def _in_words(data: ev.LedgerData) -> str:
    match data:
        case ev.CampaignAmended(change=change):
            return change
        case ev.TrialApproved(trial=trial):
            return f"trial {trial} approved"
        case ev.TrialVetoed(trial=trial):
            return f"trial {trial} vetoed"
        case ev.TrialSuggested(trial=trial, point=point):
            return f"trial {trial} suggested: {show_point(point)}"
        case ev.TrialScored(trial=trial) | ev.TrialAwaiting(trial=trial):
            return f"score of trial {trial} recorded"
        case ev.TrialFailed(trial=trial):
            return f"trial {trial} failed"
        case ev.TrialRemeasured(trial=trial):
            return f"trial {trial} is measured again"
        case ev.NoteLeft():
            return "note left"
        case SampleSkipped(sample=sample):
            return f"sample {sample} skipped"
        case ev.CampaignPaused() | ev.CampaignStopped() | ev.CampaignAborted():
            return data.type.removeprefix("campaign-")
        case _:
            return ""
