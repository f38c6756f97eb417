"""Why a campaign goes on or does not."""

import pytest

from orchestrator.domain import events as ev
from orchestrator.domain.folding import fold
from orchestrator.explanations import why_it_stopped
from tests.builders import Night, make_spec

POINT = {"mirror_pitch": 3.0}


def night() -> Night:
    living = Night(make_spec(("mirror_pitch",))).begin()
    living.whole_trial(POINT, 20.0)
    return living


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (ev.CampaignCompleted(reason="no improvement in 10 trials"), "It completed: no improvement in 10 trials."),
        (ev.CampaignPaused(reason="lunch."), "It is paused: lunch."),
        (ev.CampaignHeld(reason="mirror_pitch moved"), "It is held for a person: mirror_pitch moved."),
        (ev.CampaignStopped(), "It was stopped and can be resumed."),
        (ev.CampaignAborted(reason="fire drill"), "It was aborted for good: fire drill."),
        (ev.CampaignFailed(reason="no IOC"), "It failed and can be resumed once the cause is mended: no IOC."),
    ],
)
def test_each_end_is_told_with_its_reason_and_the_best(data, said):
    over = night()
    over.record(data)
    assert why_it_stopped(over.state()) == f"{said} The best flux is 20.00 ± 0.20 nA, in trial 1."


def test_a_running_campaign_says_what_it_is_doing():
    living = night()
    assert why_it_stopped(living.state()).startswith("It has not stopped: it chooses the next point.")
    trial = living.suggest(POINT)
    living.review(trial)
    assert why_it_stopped(living.state()).startswith("It has not stopped: trial 2 is ready.")
    living.record(ev.InterlockLost(interlock="beam"))
    assert why_it_stopped(living.state()).startswith("It has not stopped: it waits for beam.")


def test_a_suggestion_that_waits_for_a_person_is_named():
    held = night()
    held.review(held.suggest(POINT), needs_approval=True)
    assert why_it_stopped(held.state()).startswith("It is held: trial 2 waits for approval.")


def test_a_campaign_that_never_started_has_found_nothing():
    state = fold(Night(make_spec(("mirror_pitch",))).begin().drafts[:1])
    assert why_it_stopped(state) == "It has not started. Nothing has been scored."
