"""What people at the screen will want to have read, even if it was over in a moment."""

from orchestrator.domain import events as ev
from orchestrator.domain.events import LedgerEvent


def headline(event: LedgerEvent) -> tuple[str, str] | None:
    """Return an event's phase and detail for the screen, or None for ordinary ones."""
    match event.data:
        case ev.TrialRemeasured(trial=trial, attempt=attempt, reason=reason):
            return f"trial {trial} does not count (attempt {attempt})", reason
        case ev.TrialFailed(trial=trial, reason=reason):
            return f"trial {trial} failed", reason
        case ev.TrialScored(trial=trial, score=score) if event.actor != "rewards":
            told = ", ".join(f"{name} = {each.value:.6g}" for name, each in score.objectives.items())
            return f"trial {trial} {'corrected' if event.data.reason else 'scored'}", f"{told}, by {event.actor}"
        case ev.AgentFailed(agent=agent, reason=reason):
            return f"{agent} failed", reason
        case ev.InterlockLost(interlock=interlock):
            return f"{interlock} lost", "nothing moves until it is back"
        case ev.InterlockReturned(interlock=interlock, until=until) if until is not None:
            return f"{interlock} is back", f"the site waits until {until:%H:%M:%S} UTC for it to settle"
        case ev.InterlockReturned(interlock=interlock):
            return f"{interlock} is back", ""
        case ev.LeaseTaken(taken_from=previous) if previous:
            return "took over", f"from {previous}"
        case _:
            return None
