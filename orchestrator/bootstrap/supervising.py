"""What a supervisor writes into a campaign that nobody runs: why it did not begin, or why it waits for a person."""

from orchestrator.bootstrap.clock import WallClock
from orchestrator.bootstrap.lease_keeper import LeaseKeeper
from orchestrator.bootstrap.workplace import Workplace
from orchestrator.domain import events as ev
from orchestrator.domain.campaign import Status
from orchestrator.domain.errors import Busy
from orchestrator.engine.book import Book
from orchestrator.engine.orders import not_carried_out
from orchestrator.store.holders import this_holder

ACTOR = "supervisor"
_BEGINNINGS = ("start", "resume")


def refuse_beginnings(workplace: Workplace, campaign: str, why: str) -> None:
    """Empty the inbox of what asked for a runner, and leave a note that says why there is none; its sender looks for it."""
    for command in workplace.ledger.commands(campaign):
        if command.verb in _BEGINNINGS:
            _append(workplace, campaign, ev.NoteLeft(text=f"{not_carried_out(command)}{why}"), command.actor)
            workplace.ledger.finish(command)


def hold_for_a_person(workplace: Workplace, campaign: str, why: str) -> None:
    """Say that a campaign goes no further by itself; a resume then tries again."""
    summary = workplace.ledger.summary(campaign)
    is_under_way = summary is not None and summary.status in (Status.RUNNING, Status.HELD, Status.PAUSED)
    _append(workplace, campaign, ev.CampaignHeld(reason=why) if is_under_way else ev.NoteLeft(text=why), ACTOR)


def note_in_system(workplace: Workplace, campaign: str, text: str) -> None:
    """Leave a note where people who look after the server read."""
    draft = ev.Draft(at=WallClock().now(), actor=ACTOR, data=ev.NoteLeft(text=text, campaign=campaign))
    workplace.ledger.append_note("system", draft)


def _append(workplace: Workplace, campaign: str, data: ev.LedgerData, actor: str) -> None:
    """Append as the campaign's writer for a moment; whoever writes it now knows better what to say."""
    keeper = LeaseKeeper(workplace.ledger, this_holder())
    try:
        lease = keeper.take(f"campaign:{campaign}", take_over=True)
        book = Book(campaign, workplace.ledger, lease, WallClock(), workplace.objectives(campaign))
        if not book.state.status.is_final:
            book.record(data, actor)
            book.flush()
    except Busy:
        return
    finally:
        keeper.close()
