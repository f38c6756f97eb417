"""Ledger events as people read them."""

from datetime import datetime

from orchestrator.cli.sentences import line_of
from orchestrator.domain import events as ev
from orchestrator.domain.records import Answer, Verdict
from orchestrator.queries.sentences import sentence
from tests.builders import campaign_events


def test_a_line_holds_number_time_actor_type_and_what_happened():
    suggested = next(event for event in campaign_events(2, axes=("mirror_pitch",)) if event.type == "trial-suggested")
    line = line_of(suggested)

    assert line.split()[0] == str(suggested.seq)
    shown = datetime.fromisoformat(" ".join(line.split()[1:3]))
    assert shown.utcoffset() is not None, "nobody could tell which time zone it is in"
    assert shown == suggested.at.replace(microsecond=0)
    assert "agent:bayesian" in line
    assert "trial-suggested" in line
    assert "trial 1: mirror_pitch = " in line


def test_every_event_of_a_night_about_a_trial_names_it():
    for event in campaign_events():
        if event.type.startswith("trial-"):
            assert sentence(event.data).startswith(f"trial {event.data.trial}")  # pyright: ignore[reportAttributeAccessIssue] (trial-… have one)


def test_a_guardians_refusal_is_told_and_its_consent_is_not():
    verdicts = (Verdict(guardian="limits", answer=Answer.ALLOW), Verdict(guardian="step-size", answer=Answer.HOLD, reason="far"))

    assert sentence(ev.TrialReviewed(trial=3, verdicts=verdicts, needs_approval=True)) == "trial 3, step-size says hold, needs approval"


def test_reasons_and_flags_are_told_without_their_field_names():
    assert sentence(ev.CampaignPaused(reason="disk full")) == "disk full"
    assert sentence(ev.TrialVetoed(trial=3, note="nobody answered", is_timeout=True)) == "trial 3, nobody answered, timeout"
