"""Orders over HTTP: who may give them, when they are refused, and what the ledger says afterwards."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from orchestrator import bootstrap
from orchestrator.api.connecting import one_at_a_time
from orchestrator.bootstrap import Workplace
from orchestrator.client import NightshiftClient, RequestRefused
from orchestrator.domain import events as ev
from orchestrator.domain.access import Role
from orchestrator.domain.campaign import TrialStatus
from orchestrator.domain.changes import Change, FixParameter, ReleaseParameter, SetBudget, SetLimits, SwitchAgent
from orchestrator.domain.spec import AgentPlugin, Budget
from orchestrator.wire.waiting import WaitingApproval
from tests.night import Night, make_spec
from tests.recorded import record
from tests.served import client_for, make_key

POINT = {"mirror_pitch": 3.1, "mirror_roll": 0.5, "crystal_pitch": 10.0, "slit_centre": 0.0}
OTHER = {**POINT, "mirror_roll": -0.5}


@pytest.fixture
def clients(workplace: Workplace, url: str) -> Iterator[Callable[..., NightshiftClient]]:
    """Makes clients of the served application."""
    made: list[NightshiftClient] = []

    def make(role: Role = Role.OPERATOR, name: str = "anna") -> NightshiftClient:
        made.append(client_for(workplace, url, role, name))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def anna(clients: Callable[..., NightshiftClient]) -> NightshiftClient:
    return clients()


def recorded(workplace: Workplace, night: Night) -> str:
    return record(workplace, night, f"night-{len(workplace.ledger.summaries()) + 1}")


@pytest.fixture
def running(workplace: Workplace) -> str:
    """A campaign that runs, though its runner is gone: orders are carried out at once."""
    night = Night().begin()
    night.whole_trial(POINT, 12.0)
    return recorded(workplace, night)


@pytest.fixture
def held(workplace: Workplace) -> str:
    night = Night(spec=make_spec(approval={"mode": "always", "timeout": "10 min", "on_timeout": "skip"})).begin()
    night.whole_trial(POINT, 12.0)
    night.review(night.suggest(POINT), needs_approval=True)
    return recorded(workplace, night)


@pytest.fixture
def over(workplace: Workplace) -> str:
    night = Night().begin()
    night.whole_trial(POINT, 12.0)
    return recorded(workplace, night.finish())


@pytest.fixture
def n_before(workplace: Workplace) -> int:
    """How many campaigns there were before the test."""
    return len(workplace.ledger.summaries())


def latest(workplace: Workplace, campaign: str) -> ev.LedgerEvent:
    return bootstrap.load_events(workplace, campaign)[-1]


def inbox(workplace: Workplace, campaign: str) -> list[tuple[str, str, str]]:
    return [(command.verb, command.actor, command.note) for command in workplace.ledger.commands(campaign)]


def refusal(order: Callable[[], object]) -> RequestRefused:
    with pytest.raises(RequestRefused) as caught:
        order()
    return caught.value


class TestOrders:
    def test_pause_stop_and_abort_are_events_with_who_and_why(self, workplace: Workplace, anna: NightshiftClient, running: str):
        for verb in ("pause", "stop", "abort"):
            answer = getattr(anna, verb)(running, f"{verb} for the beam dump")
            assert answer.taken
            event = latest(workplace, running)
            assert (event.actor, event.data.reason) == ("human:anna", f"{verb} for the beam dump")  # type: ignore[union-attr]
            assert answer.status == bootstrap.load_state(workplace, running).status

    def test_resume_lies_in_the_inbox_until_a_supervisor_takes_it(self, workplace: Workplace, anna: NightshiftClient, running: str):
        anna.stop(running)
        answer = anna.resume(running, "the beam is back")
        assert not answer.taken
        assert "nightshift serve" in answer.answer
        assert inbox(workplace, running) == [("resume", "human:anna", "the beam is back")]

    def test_orders_that_make_no_sense_are_refused_and_not_recorded(self, workplace: Workplace, anna: NightshiftClient, over: str):
        before = latest(workplace, over).seq
        for verb in ("start", "pause", "resume", "stop", "abort"):
            problem = refusal(lambda verb=verb: getattr(anna, verb)(over))
            assert (problem.status, problem.type) == (409, "/problems/wrong-state")
            assert f"it cannot {verb} any more" in problem.detail
        assert latest(workplace, over).seq == before

    def test_a_campaign_goes_by_its_exact_id_alone(self, anna: NightshiftClient, running: str):
        for wanted in ("last", running[:-1], "nobody"):
            problem = refusal(lambda wanted=wanted: anna.pause(wanted))
            assert (problem.status, problem.type) == (404, "/problems/unknown-campaign")

    def test_a_note_is_left_on_a_campaign_that_is_over_too(self, workplace: Workplace, anna: NightshiftClient, over: str):
        assert anna.note(over, "the sample had cracked").taken
        note = workplace.ledger.read("system")[-1]
        assert (note.actor, note.data.text, note.data.campaign) == ("human:anna", "the sample had cracked", over)  # type: ignore[union-attr]

    def test_text_that_nothing_can_keep_is_refused(self, workplace: Workplace, anna: NightshiftClient, url: str, running: str):
        headers = {"Authorization": f"Bearer {make_key(workplace, Role.OPERATOR)}", "Content-Type": "application/json"}
        before = latest(workplace, running).seq
        for text in (b"\\ud800", b"a\\u0000b"):
            answer = httpx.post(f"{url}/api/v1/campaigns/{running}/notes", content=b'{"text": "%s"}' % text, headers=headers)
            assert answer.status_code == 422
            assert "cannot be kept" in answer.json()["detail"]
        assert latest(workplace, running).seq == before
        assert anna.note(running, "\U0001f52c \\u0000 is fine").taken
        assert anna.check('name: "a\\ud800"').problems[0].startswith("campaign.yaml:1: a text holds")

    def test_an_observer_may_order_nothing(
        self, clients: Callable[..., NightshiftClient], workplace: Workplace, running: str, n_before: int
    ):
        observer = clients(Role.OBSERVER, "otto")
        before = latest(workplace, running).seq
        for order in (
            lambda: observer.pause(running),
            lambda: observer.note(running, "hello"),
            lambda: observer.suggest(running, OTHER),
            lambda: observer.create("crossed-barrel"),
        ):
            assert refusal(order).status == 403
        assert latest(workplace, running).seq == before
        assert len(workplace.ledger.summaries()) == n_before


class TestChanges:
    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (FixParameter(parameter="mirror_roll", value=0.5), "mirror_roll fixed at 0.5 mrad"),
            (SetLimits(parameter="mirror_roll", lower=-1, upper=1), "limits of mirror_roll narrowed from [-1.5, 1.5] to [-1, 1] mrad"),
            (SetBudget(budget=Budget(trials=80)), "budget changed from trials 60 to trials 80"),
            (SwitchAgent(agent=AgentPlugin(type="random")), "agent switched from bayesian to random"),
        ],
        ids=lambda value: "" if isinstance(value, str) else value.type,
    )
    def test_an_operator_changes_the_campaign_with_who_and_why(
        self, workplace: Workplace, anna: NightshiftClient, running: str, change: Change, words: str
    ):
        assert anna.change(running, change, "it drifts").taken
        event = latest(workplace, running)
        assert isinstance(event.data, ev.CampaignAmended)
        assert (event.actor, event.data.reason, event.data.change) == ("human:anna", "it drifts", words)

    def test_a_fixed_parameter_is_released(self, workplace: Workplace, anna: NightshiftClient, running: str):
        assert refusal(lambda: anna.change(running, ReleaseParameter(parameter="mirror_roll"))).status == 422
        anna.change(running, FixParameter(parameter="mirror_roll", value=0.5))
        anna.change(running, ReleaseParameter(parameter="mirror_roll"))
        assert bootstrap.load_state(workplace, running).spec.fixed == {}

    def test_to_widen_limits_takes_an_admin_and_the_device_has_the_last_word(
        self, clients: Callable[..., NightshiftClient], workplace: Workplace, running: str
    ):
        operator, admin = clients(), clients(Role.ADMIN, "ada")
        operator.change(running, SetLimits(parameter="mirror_roll", lower=-1, upper=1))
        widening = SetLimits(parameter="mirror_roll", lower=-1.2, upper=1)
        problem = refusal(lambda: operator.change(running, widening))
        assert (problem.status, problem.type) == (403, "/problems/not-allowed")
        assert "takes an admin, and human:anna is operator" in problem.detail
        assert admin.change(running, widening).taken
        assert latest(workplace, running).actor == "human:ada"
        beyond = refusal(lambda: admin.change(running, SetLimits(parameter="mirror_roll", lower=-1.2, upper=9)))
        assert beyond.status == 422
        assert "mirror_roll" in beyond.detail
        assert "1.5" in beyond.detail

    def test_a_budget_beyond_all_calendars_is_refused(self, anna: NightshiftClient, url: str, workplace: Workplace, running: str):
        headers = {"Authorization": f"Bearer {make_key(workplace, Role.OPERATOR)}"}
        for budget, words in (({"wall_time": 1e300}, "longer than a century"), ({"trials": 10**15}, "above 10,000,000")):
            change = {"change": {"type": "set-budget", "budget": budget}}
            answer = httpx.post(f"{url}/api/v1/campaigns/{running}/changes", json=change, headers=headers)
            assert answer.status_code == 422
            assert words in answer.json()["detail"]
        assert anna.status(running).n_trials == 1

    def test_an_agent_that_names_files_elsewhere_is_refused(self, anna: NightshiftClient, running: str):
        agent = AgentPlugin.model_validate({"type": "random", "weights": ["ok.pt", "../../etc/passwd"]})
        problem = refusal(lambda: anna.change(running, SwitchAgent(agent=agent)))
        assert problem.status == 422
        assert 'agent.weights.1 = "../../etc/passwd": leads out of the campaign folder' in problem.detail

    def test_a_point_is_measured_next_if_the_space_has_it(self, workplace: Workplace, anna: NightshiftClient, running: str):
        assert anna.suggest(running, {**OTHER, "slit_centre": 1}, "the old optimum").taken
        suggested = latest(workplace, running)
        assert isinstance(suggested.data, ev.TrialSuggested)
        assert (suggested.actor, suggested.data.role) == ("human:anna", "human")
        assert suggested.data.point["slit_centre"] == 1.0
        problem = refusal(lambda: anna.suggest(running, {**OTHER, "mirror_roll": 9.0}))
        assert problem.status == 422
        assert "mirror_roll = 9" in problem.detail


class TestApprovals:
    def waiting(self, client: NightshiftClient, campaign: str) -> WaitingApproval:
        (waiting,) = (waiting for waiting in client.approvals() if waiting.campaign == campaign)
        return waiting

    def test_the_inbox_says_what_waits_why_since_when_and_what_silence_does(self, anna: NightshiftClient, held: str):
        waiting = self.waiting(anna, held)
        assert (waiting.campaign, waiting.trial, waiting.point) == (held, 2, POINT)
        assert waiting.units["mirror_roll"] == "mrad"
        assert waiting.why
        assert waiting.expires_at is not None
        assert (waiting.expires_at - waiting.since).total_seconds() == 600
        assert waiting.on_timeout == "skip"
        assert anna.status(held).waiting == waiting

    def test_an_approval_is_bound_to_what_was_seen(self, workplace: Workplace, anna: NightshiftClient, held: str):
        seen = self.waiting(anna, held)
        stale = seen.model_copy(update={"suggestion_hash": "0" * 64})
        for decide in (lambda: anna.approve(stale), lambda: anna.veto(stale), lambda: anna.edit(stale, OTHER)):
            problem = refusal(decide)
            assert (problem.status, problem.type) == (409, "/problems/stale-approval")
            assert "mirror_pitch = 3.1, mirror_roll = 0.5" in problem.detail
        problem = refusal(lambda: anna.approve(seen.model_copy(update={"trial": 1})))
        assert "trial 1 does not wait for approval; trial 2 does: mirror_pitch = 3.1" in problem.detail
        anna.approve(seen, "looks fine")
        approved = latest(workplace, held)
        assert isinstance(approved.data, ev.TrialApproved)
        assert (approved.actor, approved.data.note, approved.data.suggestion_hash) == ("human:anna", "looks fine", seen.suggestion_hash)
        assert all(waiting.campaign != held for waiting in anna.approvals())

    def test_of_two_operators_the_second_hears_who_decided(self, clients: Callable[..., NightshiftClient], workplace: Workplace, held: str):
        anna, ben = clients(), clients(Role.OPERATOR, "ben")
        seen = self.waiting(ben, held)
        anna.approve(seen)
        for decide in (lambda: ben.approve(seen), lambda: ben.veto(seen)):
            problem = refusal(decide)
            assert (problem.status, problem.type) == (409, "/problems/stale-approval")
            assert "was approved by human:anna at " in problem.detail
        assert sum(isinstance(event.data, ev.TrialApproved) for event in bootstrap.load_events(workplace, held)) == 1

    def test_a_veto_has_a_reason(self, workplace: Workplace, anna: NightshiftClient, held: str):
        anna.veto(self.waiting(anna, held), "that is the beam stop")
        trial = bootstrap.load_state(workplace, held).trial(2)
        assert (trial.status, trial.note) == (TrialStatus.VETOED, "that is the beam stop")

    def test_an_edited_point_is_a_persons_suggestion(self, workplace: Workplace, anna: NightshiftClient, held: str):
        seen = self.waiting(anna, held)
        assert refusal(lambda: anna.edit(seen, {**OTHER, "mirror_roll": 9.0})).status == 422
        anna.edit(seen, OTHER, "clear of the beam stop")
        state = bootstrap.load_state(workplace, held)
        assert state.trial(2).status is TrialStatus.VETOED
        assert (state.trial(3).point, state.trial(3).role, state.trial(3).status) == (OTHER, "human", TrialStatus.SUGGESTED)
        assert "clear of the beam stop" in state.trial(3).evidence.reason


class TestCreating:
    def test_a_bundled_campaign_is_made_by_name_and_waits_for_the_supervisor(self, workplace: Workplace, anna: NightshiftClient):
        made = anna.create("crossed-barrel", changes={"budget.trials": "7", "agent": "random"}, seed=5)
        created = bootstrap.load_events(workplace, made.campaign)[0]
        assert isinstance(created.data, ev.CampaignCreated)
        assert (created.actor, created.data.spec.budget.trials, created.data.spec.seed) == ("human:anna", 7, 5)
        assert made.status == "created"
        assert "nightshift serve" in made.answer
        assert [verb for verb, _, _ in inbox(workplace, made.campaign)] == ["start"]

    def test_a_campaign_need_not_start(self, workplace: Workplace, anna: NightshiftClient):
        made = anna.create("crossed-barrel", start=False)
        assert inbox(workplace, made.campaign) == []
        problem = refusal(lambda: anna.pause(made.campaign))
        assert "has not started" in problem.detail
        anna.start(made.campaign)
        assert [verb for verb, _, _ in inbox(workplace, made.campaign)] == ["start"]

    def test_a_wrong_campaign_is_refused_as_on_the_command_line(self, workplace: Workplace, anna: NightshiftClient, n_before: int):
        text = "name: n\ninstrument: {type: dataset, data: crossed-barrel}\nreward: {signal: toughness}\nbudget: {trials: 0}\n"
        problem = refusal(lambda: anna.create(text))
        assert problem.status == 422
        assert "campaign.yaml:4: budget.trials = 0: must be at least 1" in problem.detail
        answer = anna.check(text)
        assert not answer.is_valid
        assert answer.problems == tuple(problem.detail.splitlines())
        assert len(workplace.ledger.summaries()) == n_before

    def test_a_check_says_what_would_happen_and_records_nothing(self, workplace: Workplace, anna: NightshiftClient, n_before: int):
        answer = anna.check("crossed-barrel", changes={"seed": "3"})
        assert answer.is_valid
        assert any("seed 3: maximise toughness on dataset" in line for line in answer.lines)
        assert len(workplace.ledger.summaries()) == n_before
        assert any("--set seed=x" in line for line in anna.check("crossed-barrel", changes={"seed": "x"}).problems)
        assert anna.check(": : :").problems[0].startswith("campaign.yaml:1:")

    def test_only_one_request_connects_to_an_instrument_at_a_time(self, anna: NightshiftClient):
        with one_at_a_time():
            problem = refusal(lambda: anna.check("crossed-barrel", connect=True))
            assert (problem.status, problem.type) == (409, "/problems/busy")
            assert anna.check("crossed-barrel").is_valid

    def test_no_file_outside_the_campaign_folder_is_opened(self, workplace: Workplace, anna: NightshiftClient, n_before: int):
        for changes in ({"instrument.data": "/etc/passwd"}, {"candidates": "{csv: ../secrets.csv}"}):
            problem = refusal(lambda changes=changes: anna.create("crossed-barrel", changes=changes))
            assert problem.status == 422
            assert "leads out of the campaign folder" in problem.detail
            assert anna.check("crossed-barrel", changes=changes).problems == tuple(problem.detail.splitlines())
        assert len(workplace.ledger.summaries()) == n_before

    def test_files_in_the_campaign_folder_may_be_used(self, workplace: Workplace, anna: NightshiftClient):
        folder = workplace.folder / "campaigns" / "mine"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "set.csv").write_text("x,y\n1,2\n2,3\n")
        text = "name: mine\ninstrument: {type: dataset, data: mine/set.csv}\nreward: {signal: y}\nbudget: {trials: 2}\n"
        made = anna.create(text, start=False)
        spec = bootstrap.load_state(workplace, made.campaign).spec
        assert spec.instrument.settings["data"] == str(folder / "set.csv")
