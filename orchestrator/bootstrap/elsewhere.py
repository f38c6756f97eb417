"""Safe-stop of a campaign that runs on another machine: the supervisor there carries it out."""

import time
from datetime import UTC, datetime

from orchestrator.bootstrap.safe_stop_report import SafeStopReport
from orchestrator.bootstrap.workplace import Workplace
from orchestrator.domain import events as ev
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.ports import Command

_PATIENCE_SECONDS = 20.0
_POLL_SECONDS = 0.1


def safe_stop_elsewhere(workplace: Workplace, campaign: str, *, actor: str, note: str, host: str) -> SafeStopReport:
    """Send the order, wait until it is carried out, and return what was done there.

    Raises:
        InstrumentError: If nobody there takes it in time.
    """
    before = workplace.ledger.read("system")
    sent = workplace.ledger.send(Command(0, campaign, datetime.now(UTC), actor, "safe-stop", note=note))
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while any(command.id == sent.id for command in workplace.ledger.commands(campaign)):
        if time.monotonic() > deadline:
            raise InstrumentError(
                f"{campaign} runs on {host}, and no nightshift serve there took the safe-stop within {_PATIENCE_SECONDS:g} s; "
                "the order stays in its inbox: go there, or stop the instrument at its own controls"
            )
        time.sleep(_POLL_SECONDS)
    return _what_was_done(workplace, campaign, after=before[-1].seq if before else 0)


def _what_was_done(workplace: Workplace, campaign: str, *, after: int) -> SafeStopReport:
    for event in workplace.ledger.read("system", after=after):
        if isinstance(event.data, ev.SafeStopped) and event.data.campaign == campaign:
            done = event.data
            return SafeStopReport(campaign, done.actions, done.seconds_to_command, done.seconds_to_still)
    raise InstrumentError(f"the supervisor of {campaign} took the safe-stop but recorded nothing; look at its log and at the instrument")
