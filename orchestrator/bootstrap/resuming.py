"""Resuming: a signal to a living runner, a takeover from one that is dead or frozen."""

import time
from datetime import UTC, datetime

from orchestrator.bootstrap import campaigns
from orchestrator.bootstrap.lease_keeper import TTL_SECONDS
from orchestrator.bootstrap.ordering import has_runner
from orchestrator.bootstrap.outcome import Outcome, Switch
from orchestrator.bootstrap.reading import find, load_state
from orchestrator.bootstrap.workplace import Workplace
from orchestrator.domain.parts import whole_of
from orchestrator.domain.ports import Command, LiveSignals, LiveState
from orchestrator.processes import this_person

_POLL_SECONDS = 0.2


def resume(
    workplace: Workplace,
    campaign: str,
    *,
    live: LiveSignals,
    switch: Switch,
    wait: bool = True,
    actor: str | None = None,
    because: str = "",
) -> Outcome:
    """Make a campaign go on, whoever runs it; a finished one is only reported.

    ``actor`` is who wants it; left out, who started this process.

    Raises:
        UnknownCampaign: If there is none of that name.
        Busy: If a runner elsewhere holds it and is still heard of.
    """
    campaign = whole_of(find(workplace, campaign))  # a part is only ever driven by its whole
    state = load_state(workplace, campaign)
    if not state.status.is_final and has_runner(workplace, campaign) and _signal(workplace, campaign, live, actor or this_person()):
        state = load_state(workplace, campaign)
    elif not state.status.is_final:
        return campaigns.resume(workplace, state, campaign, live=live, switch=switch, wait=wait, because=because)
    summary = workplace.ledger.summary(campaign)
    return campaigns.outcome_of(campaign, state, summary.head if summary else "", wall_s=0.0)


def _signal(workplace: Workplace, campaign: str, live: LiveSignals, actor: str) -> bool:
    """Tell the runner to go on; return false once it is clear that it is dead or frozen."""
    sent = workplace.ledger.send(Command(0, campaign, datetime.now(UTC), actor, "resume"))
    deadline = time.monotonic() + TTL_SECONDS * 1.5
    while has_runner(workplace, campaign):
        if all(command.id != sent.id for command in workplace.ledger.commands(campaign)):
            return True
        if time.monotonic() > deadline:
            return True  # it renews its lease, so it lives: it takes the command after the trial in progress
        live.publish(LiveState(_countdown(workplace, campaign), load_state(workplace, campaign), campaign=campaign))
        time.sleep(_POLL_SECONDS)
    workplace.ledger.finish(sent)
    return False


def _countdown(workplace: Workplace, campaign: str) -> str:
    found = workplace.ledger.holder(f"campaign:{campaign}")
    if found is None:
        return "taking over"
    holder, _lease, expires_at = found
    left = max(0.0, (expires_at - datetime.now(UTC)).total_seconds())
    return f"waiting for {holder} to take the order; if it stays silent, its lease expires in {left:.0f} s"
