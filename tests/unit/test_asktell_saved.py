"""A saved state is looked at before a loop goes on with it."""

import json
from typing import Any

import pytest

from orchestrator import AskTell
from orchestrator.domain.errors import BadInput


def saved(**changes: Any) -> str:
    """Return a saved state of two trials, of which the second is changed."""
    loop = AskTell({"x": {"limits": [-1.0, 1.0]}, "y": {"limits": [-1.0, 1.0]}}, {"height": "maximise"}, "random")
    for number in range(2):
        loop.tell({"x": number / 2, "y": 0.0}, {"height": 1.0}, sd=0.1)
    state = json.loads(loop.to_json())
    state["trials"][1].update(changes)
    return json.dumps(state)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"point": {"x": "0.5", "y": 0.0}}, "trials.1: x = '0.5' is a text, not a number"),
        ({"point": {"x": 0.5}}, "trials.1: the point leaves out y; the space has x, y"),
        ({"point": {"x": 5.0, "y": 0.0}}, r"trials.1: x = 5 is outside \[-1, 1\].*; correct what was saved, or take this trial out of it"),
        ({"point": {"x": None, "y": 0.0}}, "trials.1.point.x = null: must be a number or a text"),
        ({"point": 3}, "trials.1.point = 3: must be a mapping"),
        ({"values": {"width": 1.0}}, "trials.1: 'width' is no objective or limited signal"),
        ({"values": {"height": "high"}}, 'trials.1.values.height = "high": must be a number'),
        ({"sd": {"height": -1.0}}, "trials.1: sd = -1 of height is negative"),
        ({"readback": {"x": 9.0, "y": 0.0}}, r"trials.1: x = 9 is well outside \[-1, 1\]"),
        ({"readback": {"x": 0.0}}, "trials.1: the readback is of x; the space has x, y"),
    ],
    ids=str,
)
def test_a_trial_that_cannot_have_been_is_refused_by_its_number_with_the_way_out(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        AskTell.from_json(saved(**changes))


def test_a_state_saved_before_readbacks_were_kept_goes_on() -> None:
    state = json.loads(saved())
    for trial in state["trials"]:
        del trial["readback"], trial["is_forgotten"]
    assert len(AskTell.from_json(json.dumps(state)).state.trials) == 2


def test_a_pool_with_a_member_outside_is_refused() -> None:
    state = {**json.loads(saved()), "candidates": [{"x": 7.0, "y": 0.0}]}
    with pytest.raises(BadInput, match=r"candidates\.0: x = 7 is outside"):
        AskTell.from_json(json.dumps(state))
