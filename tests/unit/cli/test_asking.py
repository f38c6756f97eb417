"""A held suggestion's question at the terminal."""

import os
from collections.abc import Iterator
from typing import TextIO

import pytest

from orchestrator.cli.asking import Asker
from orchestrator.domain.campaign import Trial
from orchestrator.domain.records import Answer, Verdict
from tests.night import Night


@pytest.fixture
def keyboard() -> Iterator[tuple[TextIO, TextIO]]:
    """A terminal: what is written to the first end is read from the second."""
    ours, theirs = os.openpty()
    with open(ours, "w", buffering=1) as hands, open(theirs) as stdin:
        yield hands, stdin


def held_trial() -> Trial:
    night = Night().begin()
    trial = night.suggest({"mirror_pitch": 3.0})
    night.review(trial, Verdict(guardian="step-size", answer=Answer.HOLD, reason="a step of 0.5 mrad is above 0.3 mrad"))
    return night.state().trials[0]


def test_nobody_is_asked_without_a_terminal():
    told: list[str] = []
    with open(os.devnull) as stdin:
        assert Asker(stdin, told.append).decide(held_trial()) is None

    assert told == []


def test_the_question_is_put_once_with_point_and_reason_and_never_blocks(keyboard: tuple[TextIO, TextIO]):
    told: list[str] = []
    asker = Asker(keyboard[1], told.append)

    assert [asker.decide(held_trial()) for _ in range(3)] == [None, None, None]
    assert len(told) == 3
    assert "mirror_pitch = 3" in told[0]
    assert told[1] == "  step-size says hold: a step of 0.5 mrad is above 0.3 mrad"
    assert asker.is_asking


@pytest.mark.parametrize(("typed", "decision"), [("a\n", "approve"), ("Yes\n", "approve"), ("veto\n", "veto"), ("n\n", "veto")])
def test_an_answer_is_understood(keyboard: tuple[TextIO, TextIO], typed: str, decision: str):
    asker = Asker(keyboard[1], lambda _: None)
    keyboard[0].write(typed)

    assert asker.decide(held_trial()) == decision
    assert not asker.is_asking


def test_wait_leaves_the_suggestion_to_somebody_elsewhere(keyboard: tuple[TextIO, TextIO]):
    asker = Asker(keyboard[1], lambda _: None)
    keyboard[0].write("w\n")

    assert asker.decide(held_trial()) is None
    keyboard[0].write("a\n")
    assert asker.decide(held_trial()) is None


def test_a_slip_of_the_finger_decides_nothing(keyboard: tuple[TextIO, TextIO]):
    told: list[str] = []
    asker = Asker(keyboard[1], told.append)
    keyboard[0].write("q\n\n")

    assert asker.decide(held_trial()) is None
    assert told[-1] == "  'q' is none of a, v, w"
    assert asker.decide(held_trial()) is None
    assert asker.is_asking
