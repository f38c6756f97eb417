"""An ophyd-async detector that writes HDF5 in a process of its own, under the real RunEngine."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orchestrator.bootstrap.children import start_instrument
from orchestrator.domain.instrument import MeasureRequest
from orchestrator.domain.operations import Fit, RoiSum
from orchestrator.domain.ports import Measured, NotMeasured
from orchestrator.domain.records import Observation, TrialKind
from orchestrator.domain.spec import Plugin
from orchestrator.execution.executor import ProcessExecutor
from orchestrator.execution.frames.reader import FrameReader

HERE = Path(__file__).parent
SITE = """\
name: i98
profile: {factories: i98_factories}
axes:
  lens: {limits: [-1, 1], unit: mm}
detectors:
  cam:
files: {wait_s: 1, root: "FOLDER/{proposal}/{campaign}", least_free: 0}
metadata: {proposal: text}
"""
FAULTS: Mapping[str, Any] = {"late": {"2": 0.3}, "truncated": [3], "never": [4]}


@pytest.fixture(scope="module")
def executor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcessExecutor]:
    folder = tmp_path_factory.mktemp("i98")
    (folder / "site.yaml").write_text(SITE.replace("FOLDER", str(folder)))
    (folder / "site.yaml").chmod(0o600)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(HERE))
        patch.setenv("NIGHTSHIFT_SITE", str(folder / "site.yaml"))
        patch.setenv("FRAMES_FOLDER", str(folder))
        patch.setenv("FRAME_FAULTS", json.dumps(FAULTS))
        executor = ProcessExecutor(lambda: start_instrument(Plugin(type="site"), folder))
        yield executor
        executor.close()


@pytest.fixture(scope="module")
def reader() -> Iterator[FrameReader]:
    reader = FrameReader()
    yield reader
    reader.close()


def request_for(trial: int, **changes: Any) -> MeasureRequest:
    usual: dict[str, Any] = {"point": {"lens": 0.3}, "signals": ("cam",), "kind": TrialKind.AGENT, "metadata": {"proposal": "cm1"}}
    return MeasureRequest(campaign="c", trial=trial, attempt=1, seed=0, token=1, **{**usual, **changes})


def observed(executor: ProcessExecutor, trial: int, **changes: Any) -> Observation:
    settled = executor.settle(request_for(trial, **changes))
    assert isinstance(settled, Measured), settled
    return settled.observation


def test_a_camera_that_describes_nothing_before_its_first_run_is_an_image_all_the_same(executor: ProcessExecutor):
    signal = executor.describe().signals["cam"]
    assert (signal.kind, signal.is_file) == ("image", True)


def test_frames_are_referred_to_read_and_worked_on_and_what_is_wrong_with_a_file_is_said(executor: ProcessExecutor, reader: FrameReader):
    derive = {
        "light": RoiSum(take="roi_sum", of="cam", x=(24, 40), y=(24, 40)),
        "middle": Fit(take="fit", of="cam", gives="center"),
    }
    good = observed(executor, 1, signals=("cam", *derive), derive=derive)
    (ref,) = good.files["cam"]
    assert (ref.dataset, ref.frames, ref.shape, ref.dtype) == ("/entry/data/data", (0, 1), (64, 64), "<u2")
    assert ref.uri.endswith("/cm1/c/c-0001-1.h5"), "as the site names files, not as the profile would"
    assert good.arrays == {}, "nothing is copied"
    image = reader.read(good.files["cam"]).array
    assert good.readings["light"] == image[24:40, 24:40].sum()
    assert good.sds["light"] == pytest.approx(np.sqrt(good.readings["light"]))
    assert good.readings["middle"] == pytest.approx(31.5, abs=1e-3)
    assert good.waited_s == {} or good.waited_s["cam"] < 0.3

    late = observed(executor, 2)
    assert "cam" in late.files
    assert 0.1 < late.waited_s["cam"] < 1.0

    truncated = observed(executor, 3, signals=("cam", "light"), derive={"light": derive["light"]})
    assert truncated.files == {}
    assert truncated.readings == {"cam": None, "light": None}, "never a score of zeros"
    assert "is truncated: frame 0 ends at byte" in truncated.remarks["light"]

    assert "cam: 0 of 1 frames are in" in observed(executor, 4).remarks["cam"]
    assert "cam" in observed(executor, 5).files, "the next trial is as good as any"

    refused = executor.settle(request_for(5))
    assert isinstance(refused, NotMeasured)
    assert "c-0005-1.h5 exists, and nothing is written over" in refused.reason
