"""A campaign begins with what was measured before it, and none of it is spent, moved or lost."""

import csv
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from orchestrator import bootstrap
from orchestrator.bootstrap import Switch, Workplace
from orchestrator.campaign_file import CampaignFile, load_text
from orchestrator.domain import events as ev
from orchestrator.domain.campaign import CampaignState, TrialStatus
from orchestrator.domain.errors import BadInput, SpecError, UnknownCampaign
from orchestrator.domain.records import TrialKind
from orchestrator.explanations import why_this_point
from orchestrator.queries.overview import overview
from orchestrator.queries.record import record_of
from orchestrator.testing.fakes import SilentLive

BARRELS = """
name: barrels
instrument: {type: dataset, data: crossed-barrel}
reward: {signal: toughness}
agent: random
budget: {trials: 6}
"""


def written(folder: Path, *lines: str, text: str = BARRELS) -> CampaignFile:
    return load_text(text + "".join(f"{line}\n" for line in lines), "barrels.yaml", folder)


def run(workplace: Workplace, file: CampaignFile) -> str:
    return bootstrap.run(workplace, file, live=SilentLive(), switch=Switch(), writes_report=False).campaign


@pytest.fixture(scope="module")
def before(workplace: Workplace, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A night of six trials."""
    return run(workplace, written(tmp_path_factory.mktemp("before")))


def begun(workplace: Workplace, folder: Path, *lines: str, text: str = BARRELS) -> CampaignState:
    return bootstrap.load_state(workplace, bootstrap.create(workplace, written(folder, *lines, text=text)))


def values(state: CampaignState, name: str = "toughness") -> list[float]:
    return [trial.score.objectives[name].value for trial in state.trials if trial.score is not None]


def table(path: Path, header: Sequence[str], *rows: Sequence[Any]) -> str:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path.name


class TestAnotherCampaign:
    def test_its_trials_are_known_from_the_start_and_spent_from_no_budget(self, workplace: Workplace, before: str, tmp_path: Path):
        then, now = bootstrap.load_state(workplace, before), begun(workplace, tmp_path, f"earlier: {before}")
        assert values(now) == values(then)
        assert [trial.point for trial in now.trials] == [trial.point for trial in then.trials]
        assert {(trial.kind, trial.status) for trial in now.trials} == {(TrialKind.EARLIER, TrialStatus.SCORED)}
        assert (now.best, now.n_scored, now.n_counted, now.n_since_best) == (then.best, 6, 0, 0)
        assert (now.exposure_s, now.dose, now.last_positions, now.open_trial) == (0.0, 0.0, None, None)
        assert now.trial(2).observation == then.trial(2).observation, "the run that measured it can be found"

    def test_the_ledger_tells_where_each_comes_from(self, workplace: Workplace, before: str, tmp_path: Path):
        state = begun(workplace, tmp_path, f"earlier: [{before}]")
        assert state.spec.earlier == (before,)
        assert f"measured before the campaign: trial 2 of {before}" in why_this_point(state, 2)
        notes = [event.data.text for event in bootstrap.load_events(workplace, "last") if isinstance(event.data, ev.NoteLeft)]
        assert notes == [f"begins with 6 earlier measurements of {before}"]

    def test_last_is_recorded_by_its_full_name(self, workplace: Workplace, before: str, tmp_path: Path):
        known = bootstrap.create(workplace, written(tmp_path, f"earlier: {before}"))
        assert begun(workplace, tmp_path, "earlier: last").spec.earlier == (known,)

    def test_what_it_began_with_itself_is_handed_on_once(self, workplace: Workplace, before: str, tmp_path: Path):
        second = bootstrap.create(workplace, written(tmp_path, f"earlier: {before}"))
        third = begun(workplace, tmp_path, f"earlier: [{second}, {before}]")
        assert [trial.evidence.reason for trial in third.trials] == [f"trial {number} of {before}" for number in range(1, 7)]

    def test_readings_are_judged_by_the_rewards_of_the_campaign_that_begins(self, workplace: Workplace, before: str, tmp_path: Path):
        text = BARRELS.replace("{signal: toughness}", "{signal: toughness, goal: minimise, name: softness}")
        state = begun(workplace, tmp_path, f"earlier: {before}", text=text)
        assert values(state, "softness") == values(bootstrap.load_state(workplace, before))
        assert state.best_trial is not None
        assert values(state, "softness")[state.best_trial.number - 1] == min(values(state, "softness"))

    def test_what_lies_outside_the_space_is_left_out_and_counted(self, workplace: Workplace, before: str, tmp_path: Path):
        then = bootstrap.load_state(workplace, before)
        n = then.trial(1).point["n"]
        inside = [trial for trial in then.trials if trial.point["n"] == n]
        now = begun(workplace, tmp_path, f"fixed: {{n: {n}}}", f"earlier: {before}")
        assert [trial.point for trial in now.trials] == [trial.point for trial in inside]
        note = next(event.data.text for event in bootstrap.load_events(workplace, "last") if isinstance(event.data, ev.NoteLeft))
        assert note.endswith(f"left out: {6 - len(inside)} outside this campaign's space")

    def test_an_agent_begins_with_its_model_and_a_replay_agrees(self, workplace: Workplace, before: str, tmp_path: Path):
        text = BARRELS.replace("agent: random", "agent: {type: bayesian, n_initial: 6}").replace("trials: 6", "trials: 2")
        campaign = run(workplace, written(tmp_path, f"earlier: {before}", text=text))
        state = bootstrap.load_state(workplace, campaign)
        own = state.trials[6:]
        assert [bool(trial.evidence.predicted) for trial in own] == [True, True], "no opening: six readings are known"
        assert not {tuple(trial.point.items()) for trial in own} & {tuple(trial.point.items()) for trial in state.trials[:6]}
        assert (state.n_counted, state.reason) == (2, "all 2 trials of the budget were measured")
        report = bootstrap.replay(workplace, campaign)
        assert (report.n_decisions, report.n_model_based, report.difference) == (2, 2, None)
        figures = overview(record_of(bootstrap.load_events(workplace, campaign), state.objectives))
        assert (figures.n_earlier, figures.n_trials, figures.n_scored, figures.n_attempts) == (6, 2, 2, 2)


class TestTables:
    def test_an_export_is_as_good_as_the_campaign_but_for_its_readings(self, workplace: Workplace, before: str, tmp_path: Path):
        bootstrap.export(workplace, before, tmp_path / "night.csv")
        then, now = bootstrap.load_state(workplace, before), begun(workplace, tmp_path, "earlier: {csv: night.csv}")
        assert values(now) == values(then)
        assert [trial.point for trial in now.trials] == [trial.point for trial in then.trials]
        assert now.trial(1).evidence.reason == "night.csv, line 2"
        assert now.trial(1).observation is None

    def test_any_table_with_settings_and_scores_will_do_sds_included(self, workplace: Workplace, tmp_path: Path):
        name = table(tmp_path / "notes.csv", ["t (mm)", "r", "theta", "n", "toughness", "toughness_sd"], [1.05, 2.2, 125, 8, 24.3, 0.5])
        [trial] = begun(workplace, tmp_path, f"earlier: {{csv: {name}}}").trials
        assert trial.point == {"n": 8, "theta": 125, "r": 2.2, "t": 1.05}
        assert trial.score is not None
        assert (trial.score.objectives["toughness"].value, trial.score.objectives["toughness"].sd) == (24.3, 0.5)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([[1.05, 2.2, 125, 8, "a lot"]], "night.csv, line 2: toughness = a lot is no score; correct it"),
        ([[1.05, 2.2, 125, 8, "inf"]], "night.csv, line 2: toughness = inf is no score"),
        ([[1.05, 2.2, 125, 7, 24.3]], "nothing to begin with: 1 outside this campaign's space; leave it out"),
        ([[1.05, 2.2, "steep", 8, 24.3]], "nothing to begin with: 1 outside this campaign's space"),
        ([["", 2.2, 125, 8, 24.3]], "no row has all of n, theta, r, t, toughness"),
    ],
    ids=["a word", "infinite", "no such value", "no number", "a gap"],
)
def test_a_table_that_cannot_be_begun_with_is_refused_by_line_and_nothing_is_recorded(
    workplace: Workplace, tmp_path: Path, rows: list[list[Any]], words: str
):
    n_before = len(workplace.ledger.summaries())
    table(tmp_path / "night.csv", ["t", "r", "theta", "n", "toughness"], *rows)
    with pytest.raises(SpecError) as refusal:
        bootstrap.create(workplace, written(tmp_path, "earlier: {csv: night.csv}"))
    assert words in str(refusal.value)
    assert str(refusal.value).startswith("barrels.yaml:7: earlier")
    assert len(workplace.ledger.summaries()) == n_before


class TestRefused:
    def test_a_campaign_that_is_not_there(self, workplace: Workplace, tmp_path: Path):
        with pytest.raises(UnknownCampaign, match="no campaign is called 'yesterday'"):
            begun(workplace, tmp_path, "earlier: yesterday")

    def test_a_table_that_is_not_there(self, workplace: Workplace, tmp_path: Path):
        with pytest.raises(SpecError, match=r"night.csv: cannot be read: No such file or directory; the path is relative"):
            begun(workplace, tmp_path, "earlier: {csv: night.csv}")

    def test_a_campaign_without_a_score(self, workplace: Workplace, tmp_path: Path):
        empty = bootstrap.create(workplace, written(tmp_path))
        with pytest.raises(SpecError, match="nothing to begin with: no trial is scored; leave it out"):
            begun(workplace, tmp_path, f"earlier: {empty}")

    def test_a_campaign_that_says_nothing_of_a_parameter(self, workplace: Workplace, before: str, tmp_path: Path):
        elsewhere = "name: peak\ninstrument: {type: simulated-beamline}\nreward: {signal: flux}\n"
        with pytest.raises(SpecError, match=f"{before} has no parameter .*, so nothing tells where it stood; it has n, theta, r, t"):
            begun(workplace, tmp_path, f"earlier: {before}", text=elsewhere)

    def test_a_reward_that_can_make_nothing_of_the_readings(self, workplace: Workplace, before: str, tmp_path: Path):
        text = BARRELS.replace("{signal: toughness}", "{type: external, name: strength}")
        with pytest.raises(SpecError, match="nothing to begin with: 6 that this campaign's rewards cannot judge"):
            begun(workplace, tmp_path, f"earlier: {before}", text=text)


def test_people_approve_the_first_trials_of_this_campaign(workplace: Workplace, before: str, tmp_path: Path):
    file = written(tmp_path, f"earlier: {before}", "approval: {first: 1}")
    outcome = bootstrap.run(workplace, file, live=SilentLive(), switch=Switch(), wait=False, writes_report=False)
    assert outcome.reason == "trial 7 waits for approval"


def test_a_target_that_was_reached_before_needs_no_trial(workplace: Workplace, before: str, tmp_path: Path):
    best = max(values(bootstrap.load_state(workplace, before)))
    state = bootstrap.load_state(workplace, run(workplace, written(tmp_path, f"earlier: {before}", f"stop: {{target: {best - 1}}}")))
    assert (state.n_counted, state.reason.split(":")[0]) == (0, f"the target {best - 1:g} was reached")


def test_samples_begin_afresh(tmp_path: Path):
    lines = ("samples: [{id: a}]", "stages: {measure: {space: {x: {limits: [0, 1]}}}}", "earlier: last")
    with pytest.raises(SpecError, match=r"barrels\.yaml:9: earlier: every sample is searched anew"):
        written(tmp_path, *lines)


class TestCheck:
    @staticmethod
    def lines(workplace: Workplace, file: CampaignFile) -> tuple[str, ...]:
        return bootstrap.check(file, workplace=lambda: nullcontext(workplace)).lines

    def test_it_says_what_would_be_taken_from_where(self, workplace: Workplace, before: str, tmp_path: Path):
        table(tmp_path / "night.csv", ["t", "r", "theta", "n", "toughness"], [1.05, 2.2, 125, 8, 24.3], [1.05, 2.2, 125, 7, 24.3])
        lines = self.lines(workplace, written(tmp_path, f"earlier: [{before}, {{csv: night.csv}}]"))
        assert [line for line in lines if line.startswith("begins with")] == [
            f"begins with 6 earlier measurements of {before}",
            "begins with 1 earlier measurement of night.csv; left out: 1 outside this campaign's space",
        ]

    @pytest.mark.parametrize("source", ["yesterday", "{csv: night.csv}"])
    def test_what_is_not_there_is_found_in_the_evening(self, workplace: Workplace, tmp_path: Path, source: str):
        with pytest.raises(BadInput, match=r"no campaign is called 'yesterday'|night\.csv: cannot be read"):
            self.lines(workplace, written(tmp_path, f"earlier: {source}"))

    def test_without_anything_earlier_no_ledger_is_opened(self, tmp_path: Path):
        def refuse() -> nullcontext[Workplace]:
            raise AssertionError("nobody asked for a ledger")

        assert bootstrap.check(written(tmp_path), workplace=refuse).lines
