"""What is attached to an alert of a campaign whose detector writes files."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from orchestrator.alerts.pictures import pictures_of
from orchestrator.alerts.watched import Watched
from orchestrator.domain import events as ev
from orchestrator.domain.errors import FramesUnreadable
from orchestrator.domain.frames import FrameRef
from orchestrator.domain.ports import FramesRead
from orchestrator.store.memory import MemoryArtefacts
from tests.night import CAMPAIGN, FLUX, Night, make_spec

POINT = {"mirror_pitch": 3.0, "mirror_roll": 0.1, "crystal_pitch": 2.0, "slit_centre": 0.0}
FILE = FrameRef(uri="file:///data/night_0001.h5", dataset="entry/data", frames=(40, 80), shape=(4, 6))


class FakeFrames:
    """Answers with one image, or says that the file cannot be read."""

    def __init__(self, trouble: FramesUnreadable | None = None) -> None:
        self.asked: list[FrameRef] = []
        self.trouble = trouble

    def warm(self) -> None:
        return

    def read(self, refs: Sequence[FrameRef], **_how: Any) -> FramesRead:
        self.asked.extend(refs)
        if self.trouble is not None:
            raise self.trouble
        return FramesRead(np.arange(24.0).reshape(4, 6))


def watched(files: dict[str, tuple[FrameRef, ...]], **more: Any) -> Watched:
    night = Night(make_spec()).begin()
    trial = night.suggest(POINT)
    night.review(trial)
    night.start(trial)
    seen = night.observe(trial, {"ion_chamber": 42.0}, **more).model_copy(update={"files": files})
    night.record(ev.TrialMeasured(trial=trial, observation=seen), "instrument")
    first, *events = night.ledger()
    one = Watched.begin(CAMPAIGN, first, (FLUX,))
    for event in events:
        one.hear(event, None)
    return one


def names(*given: Any) -> list[str]:
    return [picture.name for picture in pictures_of(*given)]


def test_the_first_frame_of_the_latest_run_is_attached():
    frames = FakeFrames()
    one = watched({"counts": (FILE.model_copy(update={"shape": ()}),), "camera": (FILE,)})
    assert names(one, MemoryArtefacts(), frames) == ["latest.png"]
    assert frames.asked == [FILE.model_copy(update={"frames": (40, 41)})], "a run may have thousands"


@pytest.mark.parametrize("frames", [None, FakeFrames(FramesUnreadable("no answer within 5 s; does its file system hang?"))])
def test_a_file_that_cannot_be_read_costs_the_picture_and_not_the_alert(frames: FakeFrames | None):
    assert names(watched({"camera": (FILE,)}), MemoryArtefacts(), frames) == []


def test_an_image_in_a_file_tells_more_than_a_kept_spectrum():
    artefacts, frames = MemoryArtefacts(), FakeFrames()
    spectrum = artefacts.put_array(np.arange(8.0))
    assert names(watched({"camera": (FILE,)}, arrays={"mca": spectrum}), artefacts, frames) == ["latest.png"]
    assert len(frames.asked) == 1
