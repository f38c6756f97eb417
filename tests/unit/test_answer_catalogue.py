"""A Tiled container in which an analysis answers: what is taken, what is refused and told once, and what is left alone."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from orchestrator.bootstrap.answer_catalogue import AnswerCatalogue
from orchestrator.bootstrap.answer_orders import AnswerDesk
from orchestrator.bootstrap.answer_places import answer_catalogues
from orchestrator.bootstrap.answer_results import declared
from orchestrator.domain import events as ev
from orchestrator.domain.analysis import CatalogueAnswers
from orchestrator.domain.errors import SpecError
from orchestrator.domain.ports import Command
from orchestrator.domain.records import Later
from orchestrator.domain.spec import RewardPlugin
from orchestrator.outbox.targets import Unreachable
from orchestrator.outbox.tiled_answers import Result
from orchestrator.plugins import settings_of
from orchestrator.testing.fakes import EVENING
from rewards.external import ExternalReward
from tests.night import CAMPAIGN, FLUX, Night, make_spec

POINT = {"mirror_pitch": 3.1, "mirror_roll": 0.5, "crystal_pitch": 10.0, "slit_centre": 0.0}
BY_TRIAL = CatalogueAnswers(path="bl99/processed", value="fit.purity", sd="fit.purity_sd")
BY_RUN = BY_TRIAL.model_copy(update={"run": "raw_uid"})


class FakeResults:
    """Results in the order they were written; ``trouble`` is raised instead of an answer."""

    def __init__(self) -> None:
        self.written: dict[str, Result] = {}
        self.trouble: Exception | None = None
        self.asked: list[Any] = []

    def write(self, key: str, columns: tuple[str, ...] = (), rows: list[dict[str, Any]] | None = None, **metadata: Any) -> None:
        self.written[key] = Result(key, metadata, columns, lambda wanted: [{one: row[one] for one in wanted} for row in rows or []])

    def of_campaign(self, key: str, campaign: str, after: int = 0) -> tuple[Result, ...]:
        self._ask(after)
        return tuple(one for one in self.written.values() if one.metadata.get(key, {}).get("campaign") == campaign)[after:]

    def of_runs(self, key: str, uids: list[str]) -> tuple[Result, ...]:
        self._ask(uids)
        return tuple(one for one in self.written.values() if one.metadata.get(key) in uids)

    def _ask(self, what: Any) -> None:
        self.asked.append(what)
        if self.trouble is not None:
            raise self.trouble


class Watch:
    """A catalogue, what it asks, what it sends, and a clock that a look moves on."""

    def __init__(self, folder: Path, answers: CatalogueAnswers = BY_TRIAL, n_trials: int = 2) -> None:
        self.night = Night(make_spec(), objectives=(FLUX.model_copy(update={"later": Later()}),)).begin()
        for _ in range(n_trials):
            self.measure()
        self.results, self.orders, self.now = FakeResults(), list[Command](), EVENING
        self.memory, self.answers = folder / "answers" / "night.json", answers
        self.catalogue = self.opened()

    def opened(self) -> AnswerCatalogue:
        (one,) = declared({FLUX.name: self.answers})
        desk = AnswerDesk(CAMPAIGN, self.night.state, self.orders.append, lambda: self.now)
        return AnswerCatalogue(self.results, one, desk, self.memory)  # type: ignore[arg-type]

    def measure(self) -> None:
        trial = self.start()
        self.night.measure(trial, {"ion_chamber": 1.0})
        self.night.record(ev.TrialAwaiting(trial=trial), "rewards")

    def start(self) -> int:
        trial = self.night.suggest(POINT)
        self.night.review(trial)
        self.night.start(trial)
        return trial

    def look(self, after: float = 60.0) -> None:
        self.now += timedelta(seconds=after)
        self.catalogue.look()

    @property
    def scored(self) -> list[tuple[str, int | None, Any]]:
        return [(order.actor, order.trial, order.content["scores"]) for order in self.orders if order.verb == "score"]

    @property
    def notes(self) -> list[str]:
        return [str(order.content["text"]) for order in self.orders if order.verb == "note"]


def of(trial: Any, **more: Any) -> dict[str, Any]:
    return {"nightshift": {"campaign": CAMPAIGN, "trial": trial, **more}}


def flux(value: float, sd: float | None = None) -> dict[str, Any]:
    return {FLUX.name: {"value": value, "sd": sd, "parts": {}}}


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    return Watch(tmp_path)


def test_a_result_that_names_our_trial_is_taken_once(watch: Watch):
    watch.results.write("a7", **of(2), fit={"purity": 0.83, "purity_sd": 0.02})
    watch.look()
    watch.look()
    assert watch.scored == [("analysis:a7", 2, flux(0.83, 0.02))]


def test_a_result_that_names_the_run_is_taken_for_its_trial(tmp_path: Path):
    watch = Watch(tmp_path, BY_RUN)
    watch.results.write("a", raw_uid="run-0002-1", fit={"purity": 0.5})
    watch.results.write("b", raw_uid="somebody-elses", fit={"purity": 0.1})
    watch.look()
    assert watch.scored == [("analysis:a", 2, flux(0.5))]
    assert watch.orders[0].content["run_uid"] == "run-0002-1", "so that the engine compares it with the run that counts then"


def test_between_full_looks_only_the_runs_that_wait_are_asked_for(tmp_path: Path):
    watch = Watch(tmp_path, BY_RUN)
    watch.night.score(1, flux=1.0)
    watch.look()
    watch.look(after=3.0)
    assert watch.results.asked == [["run-0001-1", "run-0002-1"], ["run-0002-1"]]


def test_a_table_tells_the_score_in_its_only_row(watch: Watch):
    watch.results.write("fit", ("fit.purity", "fit.purity_sd", "chi2"), [{"fit.purity": 0.7, "fit.purity_sd": 0.1, "chi2": 1.0}], **of(1))
    watch.look()
    assert watch.scored == [("analysis:fit", 1, flux(0.7, 0.1))]


def test_a_table_that_is_not_filled_yet_is_waited_for(watch: Watch):
    watch.results.write("fit", ("fit.purity",), [], **of(1))
    watch.look()
    assert watch.orders == []
    watch.results.write("fit", ("fit.purity",), [{"fit.purity": 0.7}], **of(1))
    watch.look()
    assert watch.scored == [("analysis:fit", 1, flux(0.7))]


def test_by_products_and_other_campaigns_are_left_alone(watch: Watch):
    watch.results.write("reduced", **of(1), q=[0.1, 0.2])
    watch.results.write("pattern", ("q", "intensity"), [{"q": 0.1, "intensity": 3.0}], **of(1))
    watch.results.write("theirs", nightshift={"campaign": "another", "trial": 1}, fit={"purity": 0.5})
    watch.look()
    assert watch.orders == []


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ({**of(7), "fit": {"purity": 0.5}}, f"campaign {CAMPAIGN} has no trial 7; it has 2"),
        ({**of("one"), "fit": {"purity": 0.5}}, "trial = 'one'"),
        (
            {**of(1), "fit": {"purity": None}},
            "fit.purity is null, as Tiled keeps a NaN; where the analysis found nothing",
        ),
        ({**of(1), "fit": {"purity": "high"}}, "= 'high'"),
        ({**of(1), "fit": {"purity": 0.5, "purity_sd": -1}}, "sd = -1"),
        ({**of(1, attempt=2), "fit": {"purity": 0.5}}, "attempt 2 is not the one that counts for trial 1: 1 is"),
        ({**of(1), "failed": True}, "failed = True"),
        ({**of(1), "columns": ("fit.purity",), "rows": [{"fit.purity": float("nan")}]}, "nan: Input should be a finite number"),
        ({**of(1), "columns": ("fit.purity",), "rows": [{"fit.purity": 1.0}] * 11}, "its table has 11 rows"),
    ],
)
def test_what_is_no_answer_is_noted_once_with_the_reason(watch: Watch, written: dict[str, Any], reason: str):
    watch.results.write("a7", **written)
    watch.look()
    watch.look()
    watch.catalogue = watch.opened()
    watch.look()
    assert watch.scored == []
    (note,) = watch.notes
    assert note.startswith("the analysis's result bl99/processed/a7 in Tiled was refused: ")
    assert reason in note


def test_a_failed_analysis_says_why(watch: Watch):
    watch.results.write("a", **of(1), failed="no peak", fit={"purity": None})
    watch.look()
    assert [order.content["failed"] for order in watch.orders] == ["no peak"]


def test_another_value_is_refused_unless_it_says_that_it_corrects(watch: Watch):
    watch.night.score(1, flux=0.9)
    watch.results.write("a", **of(1), fit={"purity": 0.8})
    watch.look()
    assert watch.scored == []
    assert f"trial 1 has {FLUX.name} = 0.9 ± 0.009 already" in watch.notes[0]
    watch.results.write("a", **of(1), fit={"purity": 0.8}, correct=True, note="dark subtracted")
    watch.look()
    (order,) = [order for order in watch.orders if order.verb == "score"]
    assert (order.content["is_correction"], order.note) == (True, "dark subtracted")


def test_a_result_that_was_changed_in_place_is_found_by_the_next_full_look(watch: Watch):
    for number in range(30):
        watch.results.write(f"old-{number}", **of(1), q=number)
    watch.look()
    watch.results.write("old-0", **of(1), fit={"purity": 0.5})
    watch.look(after=3.0)
    assert watch.results.asked[-1] == 10, "the last ones again, for two that are written at once may show in either order"
    assert watch.orders == []
    watch.look()
    assert watch.scored == [("analysis:old-0", 1, flux(0.5))]


def test_a_successor_does_not_take_a_correction_again(watch: Watch):
    watch.night.score(1, flux=0.9)
    watch.results.write("a", **of(1), fit={"purity": 0.8}, correct=True)
    watch.look()
    watch.catalogue = watch.opened()
    watch.look()
    assert len(watch.orders) == 1, "a person may have corrected it since"
    watch.memory.write_text("{")
    watch.catalogue = watch.opened()
    watch.look()
    assert len(watch.orders) == 2, "twice rather than never"


def test_a_crash_before_it_was_remembered_sends_it_again(watch: Watch):
    watch.results.write("a", **of(1), fit={"purity": 0.8})
    take = watch.catalogue.desk.send

    def crash(command: Command) -> None:
        take(command)
        raise KeyboardInterrupt

    watch.catalogue.desk.send = crash
    with pytest.raises(KeyboardInterrupt):
        watch.look()
    watch.catalogue = watch.opened()
    watch.look()
    assert [trial for _actor, trial, _scores in watch.scored] == [1, 1]


def test_while_the_trial_is_measured_again_an_attempt_waits_until_it_is_known_to_count(watch: Watch):
    trial = watch.start()
    watch.results.write("early", **of(trial, attempt=1), fit={"purity": 0.8})
    watch.look()
    assert watch.orders == []
    watch.night.measure(trial, {"ion_chamber": 1.0})
    watch.night.record(ev.TrialAwaiting(trial=trial), "rewards")
    watch.look()
    assert watch.scored == [("analysis:early", trial, flux(0.8))]


def test_an_hour_without_the_server_is_told_once_and_its_end_too(watch: Watch):
    watch.results.trouble = Unreachable("it does not answer")
    watch.look()
    watch.look(after=20.0)
    assert watch.notes == [], "nobody wants to hear of 20 seconds"
    for _ in range(100):
        watch.look(after=40.0)
    assert watch.notes == ["answers in Tiled, bl99/processed cannot be read: it does not answer; they are read as soon as they can be"]
    watch.results.trouble = None
    watch.results.write("a", **of(1), fit={"purity": 0.8})
    watch.look()
    assert watch.scored == [("analysis:a", 1, flux(0.8))]
    assert watch.notes[1:] == ["answers in Tiled, bl99/processed are read again"]
    watch.results.trouble = Unreachable("it answers 401")
    watch.look()
    watch.look()
    assert "it answers 401" in watch.notes[2], "another absence is told, too"


def test_a_server_that_is_away_is_asked_less_and_less_often(watch: Watch):
    watch.results.trouble = Unreachable("it does not answer")
    for _ in range(120):
        watch.look(after=1.0)
    assert len(watch.results.asked) == 7, "after 2, 5, 10, 20 and then each 30 s"


def test_one_broken_table_holds_up_no_other_answer(watch: Watch):
    def broken(_columns: object) -> Any:
        raise ValueError("500 Internal Server Error")

    watch.results.written["broken"] = Result("broken", of(1), ("fit.purity",), broken)
    watch.results.write("good", **of(2), fit={"purity": 0.8})
    for _ in range(12):
        watch.look()
    assert watch.scored == [("analysis:good", 2, flux(0.8))]
    assert [note.split(" refused: ")[1] for note in watch.notes] == ["its table cannot be read (ValueError: 500 Internal Server Error)"]


def test_two_objectives_of_one_result_are_one_answer(tmp_path: Path):
    (one,) = declared({"purity": BY_TRIAL, "strain": BY_TRIAL.model_copy(update={"value": "strain", "sd": "strain_sd"})})
    answer = one.answer(Result("a", {**of(1), "fit": {"purity": 0.9}, "strain": 0.01, "strain_sd": 0.001}), CAMPAIGN, {"trial": 1})
    assert {name: (score.value, score.sd) for name, score in answer.scores.items()} == {"purity": (0.9, None), "strain": (0.01, 0.001)}
    assert len(declared({"purity": BY_TRIAL, "strain": BY_RUN})) == 2


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({}, "give folder, tiled or both"),
        ({"tiled": {"path": "../raw"}}, "leads out of where it begins"),
        ({"tiled": {"path": "/raw"}}, "path"),
        ({"tiled": {"path": "raw?x=1"}}, "path"),
        ({"tiled": {"path": "raw", "uri": "http://elsewhere"}}, "uri"),
    ],
)
def test_a_campaign_says_where_but_not_on_which_server(answers: dict[str, Any], said: str):
    with pytest.raises(SpecError, match=said):
        settings_of("reward", RewardPlugin.model_validate({"type": "external", "answers": answers}))


def test_a_campaign_without_a_server_to_answer_on_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, site: Callable[..., None]):
    from orchestrator.bootstrap.answer_places import answering_tiled, require_answer_places

    rewards = {"purity": ExternalReward(ExternalReward.Settings.model_validate({"answers": {"tiled": {"path": "bl99/processed"}}}))}
    assert [one.path for one in answer_catalogues(rewards)] == ["bl99/processed"]
    site("")
    with pytest.raises(SpecError, match=r"rewards.0.answers.tiled: no Tiled server is known; staff name it in .*site.yaml"):
        require_answer_places(rewards)
    site("documents: {tiled: {uri: 'http://one', path: bl99/raw}}")
    require_answer_places(rewards)
    assert (found := answering_tiled()) is not None
    assert (found.uri, found.path) == ("http://one", ""), "raw data and results lie side by side"
    site("documents: {tiled: {uri: 'http://one'}}\nanswers: {tiled: {uri: 'http://two', path: users}}")
    assert (found := answering_tiled()) is not None
    assert (found.uri, found.path) == ("http://two", "users")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    path = tmp_path / "site.yaml"
    monkeypatch.setenv("NIGHTSHIFT_SITE", str(path))

    def write(more: str) -> None:
        path.write_text(f"name: bl99\nprofile: {{module: nowhere}}\n{more}\n")
        path.chmod(0o644)

    return write
