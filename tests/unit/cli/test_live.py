"""Progress on the screen."""

import io
from collections.abc import Iterator

import pytest
from rich.console import Console

from orchestrator.cli.live import PlainView, TerminalView, drawing, live_view
from orchestrator.cli.progress import progress_of
from orchestrator.domain import events as ev
from orchestrator.domain.ports import LiveState
from tests.night import Night, make_spec


def night_of(n_trials: int) -> Night:
    night = Night(make_spec(("mirror_pitch",), budget={"trials": 5})).begin()
    for number in range(n_trials):
        night.whole_trial({"mirror_pitch": 3.0}, float(number))
    return night


@pytest.fixture
def screen() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def plain(screen: io.StringIO) -> PlainView:
    return PlainView(Console(file=screen, width=200), io.StringIO())


class TestPlainLines:
    def test_each_trial_gets_a_line_with_its_score_and_the_best(self, plain: PlainView, screen: io.StringIO):
        for n_trials in range(3):
            plain.publish(LiveState("scored", night_of(n_trials).state()))

        first, second = screen.getvalue().splitlines()
        assert first.startswith("trial 1 of 5  flux = 0 nA  best flux = 0 nA at mirror_pitch = 3 mrad (trial 1)")
        assert second.startswith("trial 2 of 5  flux = 1 nA  best flux = 1 nA")

    def test_a_score_stands_beside_the_number_of_its_own_trial_while_the_next_one_is_measured(self, plain: PlainView, screen: io.StringIO):
        plain.publish(LiveState("asking", night_of(0).state()))
        night = night_of(2)
        night.suggest({"mirror_pitch": 3.1})
        plain.publish(LiveState("measuring", night.state()))

        assert [line[:24] for line in screen.getvalue().splitlines()] == ["trial 1 of 5  flux = 0 n", "trial 2 of 5  flux = 1 n"]

    def test_no_trial_is_left_out_however_fast_they_come(self, plain: PlainView, screen: io.StringIO):
        plain.publish(LiveState("asking", night_of(0).state()))
        plain.publish(LiveState("scored", night_of(4).state()))

        assert [line[:12] for line in screen.getvalue().splitlines()] == [f"trial {number} of 5" for number in range(1, 5)]

    def test_where_a_trial_does_not_count_its_number_and_the_count_are_both_told(self, plain: PlainView, screen: io.StringIO):
        night = night_of(1)
        night.veto(night.suggest({"mirror_pitch": 3.0}), "too large a step")
        night.whole_trial({"mirror_pitch": 3.1}, 7.0)
        night.suggest({"mirror_pitch": 3.2})
        plain.publish(LiveState("measuring", night.state()))

        first, second, third = screen.getvalue().splitlines()
        assert first.startswith("trial 1 of 5  flux = 0 nA")
        assert second.startswith("trial 2 (1 of 5)  vetoed: too large a step")
        assert third.startswith("trial 3 (2 of 5)  flux = 7 nA")

    def test_what_a_runner_before_told_is_not_told_again(self, plain: PlainView, screen: io.StringIO):
        night = night_of(3)
        night.record(ev.CampaignResumed(reason="the runner before ended without a word"), after=60.0)
        plain.publish(LiveState("asking", night.state()))
        assert screen.getvalue() == ""
        night.whole_trial({"mirror_pitch": 3.0}, 9.0)
        plain.publish(LiveState("scored", night.state()))

        assert screen.getvalue().startswith("trial 4 of 5  flux = 9 nA")

    def test_a_part_over_samples_whose_whole_speaks_between_tells_no_trial_twice(self, plain: PlainView, screen: io.StringIO):
        for campaign in ("night:a", "night", "night:a"):
            plain.publish(LiveState("scored", night_of(0 if campaign == "night" else 2).state(), "", campaign))

        assert len(screen.getvalue().splitlines()) == 2

    def test_waiting_is_told_once(self, plain: PlainView, screen: io.StringIO):
        for _ in range(3):
            plain.publish(LiveState("waiting for beam", night_of(0).state()))

        assert screen.getvalue() == "waiting for beam\n"

    def test_a_vetoed_trial_says_why(self, plain: PlainView, screen: io.StringIO):
        night = night_of(0)
        night.veto(night.suggest({"mirror_pitch": 3.0}), "too large a step")
        plain.publish(LiveState("asking", night.state()))

        assert "vetoed: too large a step" in screen.getvalue()

    def test_a_notice_from_a_signal_handler_appears_with_the_next_news(self, plain: PlainView, screen: io.StringIO):
        plain.notice("pausing after this trial")
        assert screen.getvalue() == ""
        plain.publish(LiveState("measuring", night_of(0).state()))

        assert screen.getvalue() == "pausing after this trial\n"


class TestTerminal:
    @pytest.fixture
    def view(self, screen: io.StringIO) -> Iterator[TerminalView]:
        console = Console(file=screen, force_terminal=True, width=80)
        with live_view(console, io.StringIO()) as view:
            assert isinstance(view, TerminalView)
            yield view

    def test_publishing_draws_nothing_itself(self, view: TerminalView, screen: io.StringIO, monkeypatch: pytest.MonkeyPatch):
        """The engine must not wait for a terminal: another thread draws what was published last."""
        monkeypatch.setattr("orchestrator.cli.live.progress_of", lambda *_: pytest.fail("drawn by the engine's thread"))
        view.close()
        view.publish(LiveState("waiting for approval", _waiting().state()))

    def test_a_paused_campaign_is_idle(self, view: TerminalView):
        night = night_of(1)
        assert not view.is_idle
        night.record(ev.CampaignPaused(reason="pause by jdoe"))
        view.publish(LiveState("paused", night.state()))

        assert view.is_idle


def test_the_drawing_shows_trial_bar_doing_and_best():
    night = night_of(2)
    night.suggest({"mirror_pitch": 3.1})
    console = Console(file=io.StringIO(), width=60)
    with console.capture() as captured:
        console.print(drawing(progress_of(LiveState("measuring", night.state(), "trial 3, attempt 1"), night.now)))

    title, bar, doing, best, hint = captured.get().splitlines()
    assert title.startswith("beamline-alignment  trial 3 of 5")
    assert bar.count("█") == 16
    assert doing == "now   measuring: trial 3, attempt 1"
    assert best == "best  flux = 1 nA at mirror_pitch = 3 mrad (trial 2)"
    assert hint == "Ctrl-C pauses after this trial"


def _waiting() -> Night:
    night = night_of(0)
    night.review(night.suggest({"mirror_pitch": 3.0}), needs_approval=True)
    return night
