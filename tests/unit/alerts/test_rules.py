"""What people are told of: once per incident, not before it has lasted, and nothing when all is well."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from orchestrator.alerts.configuration import AlertSettings, Rules, load_alerts
from orchestrator.alerts.delivery import require_known
from orchestrator.alerts.rules import findings
from orchestrator.alerts.watched import Watched
from orchestrator.domain import events as ev
from orchestrator.domain.errors import BadInput
from orchestrator.domain.events import LedgerEvent
from orchestrator.domain.records import Later, Objective, ObjectiveScore, Score
from tests.builders import campaign_events
from tests.docs.pages import DOCS, blocks
from tests.night import AXES, CAMPAIGN, FLUX, Night, make_spec

POINT = dict.fromkeys(AXES, 0.0) | {"mirror_pitch": 3.0}
RULES = Rules()


pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise's mail imports it


def watched(events: Iterable[LedgerEvent], rules: Rules = RULES, objectives: tuple[Objective, ...] = (FLUX,)) -> Watched:
    first, *others = events
    follower = Watched.begin(CAMPAIGN, first, objectives)
    for event in others:
        follower.hear(event, rules.budget)
    return follower


def found(night: Night | Watched, *, later: float = 0.0, rules: Rules = RULES, deserted: bool = False) -> dict[str, str]:
    """Return what people would be told, some seconds after the last event, by rule."""
    follower = night if isinstance(night, Watched) else watched(night.ledger(), rules, night.objectives)
    assert follower.state.updated_at is not None
    now = follower.state.updated_at + timedelta(seconds=later)
    since = follower.state.updated_at if deserted else None
    return {finding.incident.rule: finding.title for finding in findings(follower, rules, deserted_since=since, now=now)}


def night(**changes: object) -> Night:
    return Night(make_spec(**changes)).begin()


def test_a_campaign_that_goes_well_disturbs_nobody() -> None:
    assert found(watched(campaign_events(12, is_finished=False), Rules(budget=None)), rules=Rules(budget=None), later=60) == {}


def test_an_analysis_that_falls_silent_is_told_once_and_again_after_its_next_answer() -> None:
    objective = FLUX.model_copy(update={"later": Later(timeout=60.0, max_pending=2)})
    waiting = Night(make_spec(budget={"trials": 60}), objectives=(objective,)).begin()
    for _ in (1, 2, 3):
        trial = waiting.suggest(POINT)
        waiting.review(trial)
        waiting.start(trial)
        waiting.measure(trial, {"ion_chamber": 1.0})
        waiting.record(ev.TrialAwaiting(trial=trial), "rewards")
    quick = Rules(no_answer=600.0, no_trial=600.0)
    assert found(waiting, later=580, rules=quick) == {}
    assert found(waiting, later=601, rules=quick) == {"no_answer": "the analysis of 3 trials has been silent for 10 min"}
    since = opening(waiting, 1801)
    waiting.record(ev.TrialFailed(trial=1, reason="the analysis did not answer"), after=601)
    assert opening(waiting, 1801) == since, "giving up is no answer"
    waiting.record(ev.TrialScored(trial=3, score=Score(objectives={"flux": ObjectiveScore(value=1.0)})), "human:cluster")
    assert found(waiting, later=10, rules=Rules(no_answer=600.0)) == {}
    assert opening(waiting, 1801) > since
    waiting.record(ev.TrialScored(trial=2, score=Score(objectives={"flux": ObjectiveScore(value=1.0)})), "human:cluster")
    assert "no_answer" not in found(waiting, later=1801)


def test_a_suggestion_that_waits_is_told_and_each_further_one_again() -> None:
    waiting = night()
    openings = set()
    for _ in range(2):
        trial = waiting.suggest(POINT)
        waiting.review(trial, needs_approval=True)
        assert found(waiting) == {"held": "a suggestion waits for you"}
        openings.add(opening(waiting))
        waiting.record(ev.NoteLeft(text="still looking"))
        openings.add(opening(waiting))
        waiting.record(ev.TrialVetoed(trial=trial, note="no"))
        assert found(waiting) == {}
    assert len(openings) == 2


def opening(night: Night, later: float = 0.0) -> int:
    now = night.now + timedelta(seconds=later)
    (finding,) = findings(watched(night.ledger(), objectives=night.objectives), Rules(no_trial=None), deserted_since=None, now=now)
    return finding.incident.opened


@pytest.mark.parametrize(
    ("ending", "rule", "title"),
    [
        (ev.CampaignCompleted(reason="all done"), "finished", "completed"),
        (ev.CampaignAborted(), "finished", "aborted"),
        (ev.CampaignFailed(reason="disk"), "failed", "failed"),
        (ev.CampaignHeld(reason="moved by another"), "held", "held"),
    ],
)
def test_how_it_ends_is_told(ending: ev.LedgerData, rule: str, title: str) -> None:
    over = night()
    over.record(ending)
    assert found(over) == {rule: title}


def test_how_campaigns_ended_long_before_is_no_news() -> None:
    over = night()
    over.record(ev.CampaignCompleted(reason="all done"))
    assert found(over, later=7200) == {}


def test_the_beam_is_told_after_five_minutes_and_once_per_loss() -> None:
    dark = night()
    dark.record(ev.InterlockLost(interlock="beam", value=0.0))
    assert found(dark, later=299) == {}
    assert found(dark, later=301) == {"beam_lost": "beam lost"}
    first = watched(dark.ledger()).lost["beam"].seq
    dark.record(ev.InterlockReturned(interlock="beam"), after=600)
    assert found(dark, later=301) == {}
    dark.record(ev.InterlockLost(interlock="beam", value=0.0), after=60)
    assert watched(dark.ledger()).lost["beam"].seq > first


def test_silence_is_told_unless_the_beam_or_a_person_explains_it() -> None:
    silent = night()
    assert found(silent, later=1801) == {"no_trial": "no trial for 30 min"}
    silent.record(ev.InterlockLost(interlock="beam"))
    assert "no_trial" not in found(silent, later=1801)


def test_that_nobody_runs_it_is_told_once_for_each_runner_that_died() -> None:
    lonely = night()
    lonely.record(ev.LeaseTaken(lease="campaign:x", token=1, holder="process 7"))
    assert found(lonely, later=59, deserted=True) == {}
    assert found(lonely, later=61, deserted=True) == {"deserted": "nobody runs it"}
    runner = watched(lonely.ledger()).runner
    lonely.record(ev.NoteLeft(text="hm"))
    assert watched(lonely.ledger()).runner == runner
    lonely.record(ev.LeaseTaken(lease="campaign:x", token=2, holder="process 8"))
    assert watched(lonely.ledger()).runner != runner


def test_a_budget_is_told_when_nine_tenths_are_spent_and_again_once_it_was_raised() -> None:
    events = campaign_events(10, dump_in=None, veto_in=None, is_finished=False)
    spent = watched(events)
    assert found(spent) == {"budget.trials": "90% of the trials budget is spent"}
    ninth = next(event for event in events if event.type == "trial-suggested" and event.data.trial == 9)  # type: ignore[union-attr]
    assert spent.spent["trials"].seq == ninth.seq
    raised = spent.state.spec.model_copy(update={"budget": spent.state.spec.budget.model_copy(update={"trials": 100})})
    spent.hear(events[-1].model_copy(update={"data": ev.CampaignAmended(spec=raised), "seq": events[-1].seq + 1}), 0.9)
    assert found(spent) == {}


def test_time_is_a_budget_too() -> None:
    begun = night()
    last = begun.drafts[-1]
    begun.drafts[-1] = last.model_copy(update={"data": ev.CampaignStarted(ends_at=begun.now + timedelta(hours=1))})
    follower, start = watched(begun.ledger()), begun.now

    def told(at: datetime) -> set[str]:
        return {each.incident.rule for each in findings(follower, Rules(no_trial=None), deserted_since=None, now=at)}

    assert told(start + timedelta(minutes=53)) == set()
    assert told(start + timedelta(minutes=55)) == {"budget.time"}


def test_every_rule_can_be_turned_off() -> None:
    off = Rules.model_validate(
        dict.fromkeys(("held", "beam_lost", "deserted", "no_trial", "no_answer", "budget"), "off") | {"failed": False}
    )
    dark = night()
    dark.record(ev.InterlockLost(interlock="beam"))
    assert found(dark, later=9999, rules=off) == {}
    assert found(dark, later=9999, rules=off, deserted=True) == {}


def test_settings_are_read_and_hide_their_addresses(tmp_path: Path) -> None:
    file = tmp_path / "alerts.yaml"
    file.write_text("targets: {anna: 'mailto://u:hush@mail.example?to=anna@example.org'}\nrules: {no_trial: 45 min, finished: false}\n")
    settings = load_alerts(file)
    assert settings.targets["anna"].get_secret_value().startswith("mailto://u:hush@")
    assert settings.rules == Rules(no_trial=2700.0, finished=False)
    assert "hush" not in repr(settings)
    assert load_alerts(tmp_path / "none.yaml") == AlertSettings()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("targets: {anna: [mailto://u:hush@host]}", "targets.anna: Input should be a valid string"),
        ("target: {anna: mailto://u:hush@host}", "target: Extra inputs"),
        ("rules: {no_trial: soon}", "rules.no_trial"),
        ("targets: {anna: mailto://u:hush@host", "line 1: this is not YAML"),
    ],
)
def test_what_is_wrong_with_the_settings_is_named_without_telling_secrets(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "alerts.yaml"
    file.write_text(text)
    with pytest.raises(BadInput) as refused:
        load_alerts(file)
    assert said in str(refused.value)
    assert "hush" not in str(refused.value)


def test_the_how_to_page_says_what_holds(tmp_path: Path) -> None:
    page = DOCS / "how-to" / "get-alerts.md"
    (shown,) = [block for block in blocks(page) if block.directive == "file"]
    file = tmp_path / shown.argument
    file.write_text(shown.text, encoding="utf-8")
    settings = load_alerts(file)
    require_known(settings.targets)
    told = dict(re.findall(r"^\| `(\w+)` \|.*\| `(.+)` \|$", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert Rules.model_validate({name: YAML(typ="safe").load(written) for name, written in told.items()}) == RULES
    assert set(told) == set(Rules.model_fields)
    assert settings.rules == Rules(no_trial=2700.0, finished=False)


def test_an_address_that_nobody_understands_is_refused_by_the_name_of_its_target() -> None:
    settings = AlertSettings.model_validate({"targets": {"anna": "carrier-pigeon://hush@roof"}})
    with pytest.raises(BadInput, match="target anna") as refused:
        require_known(settings.targets)
    assert "hush" not in str(refused.value)
