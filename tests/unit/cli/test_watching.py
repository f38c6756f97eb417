"""One campaign in a terminal: what it says, and that it only looks."""

import contextlib
import itertools
import json
import re
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from orchestrator import bootstrap
from orchestrator.bootstrap import Workplace
from orchestrator.cli.app import app
from orchestrator.cli.frames import Frame, ledger_frames, server_frames, until_nobody_runs_it
from orchestrator.cli.watch_drawing import lines_of, sparkline
from orchestrator.domain import events as ev
from orchestrator.domain.base import Value
from orchestrator.wire.campaigns import CampaignStatus
from orchestrator.wire.instruments import Instrument, Live
from orchestrator.wire.standing import BestPoint
from orchestrator.wire.streams import Heartbeat
from orchestrator.wire.trials import Progress, ProgressPoint, Trials
from orchestrator.wire.waiting import WaitingApproval
from tests.night import CAMPAIGN, Night
from tests.recorded import record
from tests.unit.client.answers import NOW, a_status, a_trial, an_event, client, frame, ok, streamed

POINT = {"mirror_pitch": 3.1, "mirror_roll": 0.5, "crystal_pitch": 10.0, "slit_centre": 0.0}


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workplace]:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    monkeypatch.setenv("NIGHTSHIFT_LEDGER", url)
    monkeypatch.delenv("NIGHTSHIFT_SERVER", raising=False)
    with bootstrap.open_workplace(url) as place:
        yield place


def a_night(n_trials: int = 4) -> Night:
    night = Night().begin()
    for number in range(n_trials):
        night.whole_trial({**POINT, "mirror_roll": number / 10}, 10.0 + number)
    return night


def watch(*options: str) -> Result:
    result = CliRunner().invoke(app, ["watch", "last", *options], catch_exceptions=False)
    assert result.exit_code == 0
    return result


def text_of(shown: Frame) -> str:
    return "\n".join(text for text, _style in lines_of(shown))


def test_one_frame_says_how_it_stands_what_it_found_what_it_spent_and_why(workplace: Workplace):
    record(workplace, a_night().finish("all 4 trials of the budget were measured"))
    told = watch("--once").stdout
    assert told.startswith(f"■ done  {CAMPAIGN}: Completed: all 4 trials of the budget were measured.")
    assert "best   flux = 13 nA at mirror_pitch = 3.1, mirror_roll = 0.3" in told
    assert "curve  ▁▃▆█  10 → 13" in told
    assert "4 of 60 trials" in told
    assert "safety beam holds" in told
    assert re.search(r"^dead   \d+ ms, 95 % within \d+ ms between measurements$", told, re.MULTILINE)
    assert "     4 scored, flux = 13 nA ★ best: " in told


def test_what_waits_is_shown_with_the_commands_that_answer_it(workplace: Workplace):
    night = a_night()
    night.review(night.suggest(POINT), needs_approval=True)
    record(workplace, night)
    told = watch("--once").stdout
    assert "waits  trial 5 by bayesian: mirror_pitch = 3.1 mrad" in told
    assert f"nightshift approve {CAMPAIGN} 5 " in told


def test_a_campaign_that_is_over_is_watched_to_its_end_and_programs_get_its_status(workplace: Workplace):
    record(workplace, a_night().finish())
    documents = [json.loads(line) for line in watch("--json").stdout.splitlines()]
    assert [document["status"] for document in documents] == ["completed"]
    assert CampaignStatus.model_validate(documents[0]).best is not None


def test_where_nobody_sees_a_terminal_there_is_a_line_per_change(workplace: Workplace, monkeypatch: pytest.MonkeyPatch):
    night = a_night(2)
    record(workplace, night)
    status = next(ledger_frames(workplace, CAMPAIGN)).status
    first = Frame(status, (a_trial(1),), ())
    after = replace(first, trials=(a_trial(1), a_trial(2)))
    over = replace(after, status=status.model_copy(update={"standing": a_status("completed").standing, "status": "completed"}))
    monkeypatch.setattr("orchestrator.cli.frames.ledger_frames", lambda *_: iter([first, first, after, after, over]))
    lines = watch().stdout.splitlines()
    assert lines[0].startswith(status.standing.word)
    assert lines[1].strip().startswith("2 scored")
    assert lines[2].startswith(f"completed  {CAMPAIGN}: The campaign is completed.")
    assert len(lines) == 3


def test_watching_a_campaign_that_was_stopped_ends_and_says_how_to_go_on(workplace: Workplace):
    night = a_night()
    night.record(ev.CampaignStopped(reason="stop by jdoe"))
    record(workplace, night)
    assert watch().stderr.endswith(f"nobody runs it any more: nightshift resume {CAMPAIGN} goes on\n")
    assert len(watch("--json").stdout.splitlines()) == 1


def test_a_crashed_runner_has_a_moment_to_be_replaced(workplace: Workplace):
    record(workplace, a_night())
    [alone] = itertools.islice(ledger_frames(workplace, CAMPAIGN), 1)
    run = replace(alone, status=alone.status.model_copy(update={"is_run": True}))
    seconds = itertools.count(step=1.0)
    seen = list(until_nobody_runs_it(iter([alone, run, *[alone] * 60]), lambda: next(seconds)))
    assert 5 < len(seen) < 20


def test_ctrl_c_leaves_and_the_campaign_is_as_it_was(workplace: Workplace, monkeypatch: pytest.MonkeyPatch):
    record(workplace, a_night(1))
    before = bootstrap.load_events(workplace, CAMPAIGN)

    def interrupted(*_: object) -> Iterator[Frame]:
        yield from itertools.islice(ledger_frames(workplace, CAMPAIGN), 1)
        raise KeyboardInterrupt

    monkeypatch.setattr("orchestrator.cli.frames.ledger_frames", interrupted)
    assert watch().stderr.endswith("left; the campaign goes on\n")
    assert bootstrap.load_events(workplace, CAMPAIGN) == before


def test_a_ctrl_c_that_python_throws_away_is_remembered(workplace: Workplace, monkeypatch: pytest.MonkeyPatch):
    """An interrupt that falls into a destructor or an import's callback is printed and forgotten by the interpreter."""
    record(workplace, a_night(1))

    def interrupted(*_: object) -> Iterator[Frame]:
        [frame] = itertools.islice(ledger_frames(workplace, CAMPAIGN), 1)
        yield frame
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        yield from itertools.repeat(frame, 3)

    monkeypatch.setattr("orchestrator.cli.frames.ledger_frames", interrupted)
    assert watch().stderr.endswith("left; the campaign goes on\n")


def test_the_ledger_is_looked_at_again_until_the_campaign_is_over(workplace: Workplace):
    night = a_night(1)
    record(workplace, night)

    def sleep(_seconds: float) -> None:
        bootstrap.order(workplace, "abort", CAMPAIGN, actor="human:anna")

    assert [shown.status.status for shown in ledger_frames(workplace, CAMPAIGN, sleep)] == ["running", "aborted"]


def test_a_servers_stream_moves_the_view_and_the_instrument_is_asked_now_and_then():
    best = BestPoint(trial=3, point={"x": 1.0}, value=5.0)
    stream = [
        frame("ledger", an_event(4).model_copy(update={"trial": a_trial(3)}), 4),
        frame("status", a_status(seq=4, n_trials=3).model_copy(update={"best": best})),
        frame("beat", Heartbeat(now=NOW, seq=4)),
        frame("status", a_status("completed", seq=5, n_trials=3)),
        frame("beat", Heartbeat(now=NOW, seq=5)),
    ]
    answers: dict[str, Value] = {
        "trials": Trials(trials=(a_trial(1), a_trial(2)), next=None, seq=3),
        "progress": Progress(
            objective="y", goal="maximise", unit="", points=tuple(ProgressPoint(trial=n, value=1.0, best=1.0) for n in (1, 2))
        ),
        "i": an_instrument(),
    }
    asked: list[str] = []

    def answer(request):  # type: ignore[no-untyped-def]
        name = request.url.path.rsplit("/", 1)[-1]
        asked.append(name)
        return streamed(stream) if name == "stream" else ok(answers.get(name, a_status()))

    clock = itertools.count(0.0, 0.6)
    shown = list(server_frames(client(answer), a_status().campaign, monotonic=lambda: next(clock)))
    assert [trial.trial for trial in shown[-1].trials] == [1, 2, 3]
    assert [each.curve for each in shown[1:3]] == [(1.0, 1.0), (1.0, 1.0, 5.0)]
    assert shown[-1].is_last
    assert asked.count("i") < len(shown), "not with every message"
    assert "now    x = 1.25, counts = 7  (2 s ago)" in text_of(shown[0])


def an_instrument() -> Instrument:
    return Instrument(
        id="i",
        identity="",
        type="dataset",
        campaign=CAMPAIGN,
        is_held=True,
        has_second_connection=True,
        axes={"x": "mm"},
        signals={},
        interlocks={},
        live=Live(at=NOW, positions={"x": 1.25}, signals={"counts": 7.0}),
        live_age_s=2.0,
    )


def test_old_news_says_so(monkeypatch: pytest.MonkeyPatch):
    shown = Frame(a_status(), (), ())
    assert "NO NEWS" not in text_of(shown)
    assert "NO NEWS for 30 s" in text_of(replace(shown, made_at=shown.made_at - 30))


@pytest.mark.parametrize(
    ("values", "drawn"), [([1.0, 2.0], "▁█"), ([3.0, 3.0], "▁▁"), (list(range(100)), "▁▂▃▃▄▅▆▆▇█"), ([2.0, 1.0, 0.0], "█▅▁")]
)
def test_a_curve_keeps_its_ends_whatever_its_length(values: list[float], drawn: str):
    assert sparkline(values, width=10) == drawn


def test_everything_that_waits_can_be_read_in_units():
    waiting = WaitingApproval(
        campaign=CAMPAIGN,
        name="n",
        trial=2,
        point={"x": 1.5, "filter": "Al"},
        units={"x": "mm"},
        agent="random",
        why="Drawn at random.",
        suggestion_hash="0" * 64,
        since=NOW,
    )
    told = text_of(Frame(a_status("held").model_copy(update={"waiting": waiting}), (), ()))
    assert "trial 2 by random: x = 1.5 mm, filter = Al\n       Drawn at random." in told
