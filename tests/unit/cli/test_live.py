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


class Clock:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def night_of(n_trials: int) -> Night:
    night = Night(make_spec(("mirror_pitch",), budget={"trials": 5})).begin()
    for number in range(n_trials):
        night.whole_trial({"mirror_pitch": 3.0}, float(number))
    return night


@pytest.fixture
def screen() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def plain(screen: io.StringIO, clock: Clock) -> PlainView:
    return PlainView(Console(file=screen, width=200), io.StringIO(), clock)


class TestPlainLines:
    def test_each_trial_gets_a_line_with_its_score_and_the_best(self, plain: PlainView, clock: Clock, screen: io.StringIO):
        for n_trials in range(3):
            clock.seconds += 1
            plain.publish(LiveState("scored", night_of(n_trials).state()))

        first, second = screen.getvalue().splitlines()
        assert first.startswith("trial 1 of 5  flux = 0 nA  best flux = 0 nA at mirror_pitch = 3 mrad (trial 1)")
        assert second.startswith("trial 2 of 5  flux = 1 nA  best flux = 1 nA")

    def test_there_are_at_most_ten_a_second_and_the_last_is_never_lost(self, plain: PlainView, clock: Clock, screen: io.StringIO):
        for n_trials in range(1, 6):
            clock.seconds += 0.03
            plain.publish(LiveState("scored", night_of(n_trials).state()))
        plain.close()

        assert [line[:12] for line in screen.getvalue().splitlines()] == ["trial 1 of 5", "trial 5 of 5"]

    def test_waiting_is_told_once(self, plain: PlainView, clock: Clock, screen: io.StringIO):
        for _ in range(3):
            clock.seconds += 1
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
