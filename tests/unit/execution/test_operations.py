"""Operations on images and counts, against numbers worked out by hand or printed in books."""

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.frames import FrameRef
from orchestrator.domain.instrument import InstrumentDescription, MeasureRequest, SignalDescription
from orchestrator.domain.measuring import Combined, Derived, PlanCall, Reduced
from orchestrator.domain.operations import Dark, DeadTime, Fit, RoiSum
from orchestrator.domain.ports import FramesRead
from orchestrator.domain.records import ArtefactRef, Observation, TrialKind
from orchestrator.execution import operations
from orchestrator.execution.fitting import fit
from orchestrator.execution.frames.references import FileDocuments
from orchestrator.execution.quantities import Readings, Signal
from orchestrator.execution.run_files import RunFiles
from orchestrator.execution.signals import Signals
from orchestrator.store.memory import MemoryArtefacts
from orchestrator.testing.fakes import EVENING

IMAGE = np.arange(20.0).reshape(1, 4, 5)


def roi(**changes: Any) -> Signal:
    return operations.roi_sum("spot", RoiSum(take="roi_sum", of="cam", **changes), Readings(IMAGE))


def test_a_region_is_added_up_with_the_sd_of_counting():
    # Rows 1 and 2, columns 2 to 4: 7 + 8 + 9 + 12 + 13 + 14.
    signal = roi(x=(2, 5), y=(1, 3))
    assert signal == Signal(63.0, math.sqrt(63.0))
    assert roi(x=(2, 5), y=(1, 3), gain=4.0).sd == math.sqrt(4 * 63.0), "63 units are 63/4 photons"
    assert roi(gain=None) == Signal(190.0, None)
    assert roi(x=(0, 1), y=(0, 1)) == Signal(0.0, 1.0), "no count is not zero without doubt"


def test_frames_are_added_up_and_bytes_do_not_overflow():
    frames = np.full((3, 10, 10), 200, dtype=np.uint8)
    assert operations.roi_sum("spot", RoiSum(take="roi_sum", of="cam"), Readings(frames)).value == 60_000.0


def test_a_spectrum_has_a_region_too():
    spectrum = Readings(np.array([[1.0, 2.0, 4.0, 8.0]]))
    assert operations.roi_sum("line", RoiSum(take="roi_sum", of="mca", x=(1, 3)), spectrum).value == 6.0
    with pytest.raises(InstrumentError, match="mca is a spectrum and has no y; leave y out"):
        operations.roi_sum("line", RoiSum(take="roi_sum", of="mca", y=(0, 1)), spectrum)


def test_a_region_outside_the_image_is_refused_with_the_images_size():
    with pytest.raises(InstrumentError, match=r"spot: y = \[2, 6\] leaves cam, which has 4 pixels along y"):
        roi(y=(2, 6))


def test_a_saturated_pixel_in_the_region_is_no_number():
    assert roi(saturation=19.5).value == 190.0
    assert roi(saturation=19.0).value is None
    assert "a pixel of cam reads 19, and saturates at 19; shorten the exposure" in roi(saturation=19.0).remark
    assert roi(saturation=19.0, x=(0, 2)).value is not None, "outside the region it does not matter"


def corrected(counts: list[float], seconds: float = 1.0, **changes: Any) -> Signal:
    operation = DeadTime(take="dead_time", of="det", tau_s=10e-6, **changes)
    return operations.dead_time("rate", operation, Readings(np.array(counts)), np.array([seconds]))


def test_dead_time_is_corrected_as_in_knoll():
    # m = 10 000 counts/s and τ = 10 µs: a tenth of the time is dead, n = m / (1 - m τ) = 11 111 counts/s (eq. 4.27).
    signal = corrected([10_000.0])
    assert signal.value == pytest.approx(11_111.11, abs=0.01)
    assert signal.sd == pytest.approx(100.0 / 0.9**2), "σ_n = σ_m / (1 - m τ)²"
    assert corrected([20_000.0], seconds=2.0).value == pytest.approx(11_111.11, abs=0.01)
    assert corrected([20_000.0], seconds=2.0, gives="counts").value == pytest.approx(22_222.22, abs=0.01)


def test_several_readings_are_averaged_after_the_correction():
    signal = corrected([10_000.0, 20_000.0])
    assert signal.value == pytest.approx((10_000 / 0.9 + 20_000 / 0.8) / 2)
    assert signal.sd == pytest.approx(math.hypot(100 / 0.81, math.sqrt(20_000) / 0.64) / 2)


def test_a_counter_near_saturation_gives_no_number():
    assert corrected([50_000.0]).value == pytest.approx(100_000.0), "half of the time dead, just allowed"
    refused = corrected([60_000.0])
    assert refused.value is None
    assert "det counts 60000 a second and was busy 60% of the time, above 50%; attenuate the beam" in refused.remark
    assert corrected([-1.0]).value is None
    assert corrected([10.0], seconds=0.0).value is None


def test_the_sd_of_a_dark_subtraction_is_that_of_both():
    # 100 counts, of which a dark of as long says 25: net 75 ± √(100 + 25).
    operation = Dark(take="dark", of="det", dark="bg", gain=1.0)
    signal = operations.dark("net", operation, Readings(np.array([100.0])), Readings(np.array([25.0])))
    assert signal == Signal(75.0, pytest.approx(math.sqrt(125.0)))
    known = Readings(np.array([100.0]), np.array([3.0]))
    assert operations.dark("net", Dark(take="dark", of="det", dark="bg"), known, Readings(np.array([25.0]), np.array([4.0]))).sd == 5.0
    assert operations.dark("net", Dark(take="dark", of="det", dark="bg"), known, Readings(np.array([25.0]))).sd is None


def test_images_are_subtracted_pixel_by_pixel_and_four_darks_are_a_quarter_as_uncertain():
    operation = Dark(take="dark", of="cam", gain=1.0)
    signal = operations.dark("net", operation, Readings(np.full((1, 2, 2), 100.0)), Readings(np.full((4, 2, 2), 25.0)))
    np.testing.assert_array_equal(signal.value, np.full((2, 2), 75.0))
    np.testing.assert_allclose(signal.sd, np.full((2, 2), math.sqrt(100 + 25 / 4)))
    with pytest.raises(InstrumentError, match=r"cam has shape \(2, 2\), and its dark \(3, 2\); take a new dark"):
        operations.dark("net", operation, Readings(np.ones((1, 2, 2))), Readings(np.ones((1, 3, 2))))


X = np.linspace(-5.0, 5.0, 101)


def gaussian(center: float, height: float, sigma: float, background: float = 0.0) -> np.ndarray:
    return background + height * np.exp(-0.5 * ((X - center) / sigma) ** 2)


def fitted(y: np.ndarray, sd: np.ndarray | None = None, **changes: Any) -> Signal:
    operation = Fit(take="fit", of="diode", x="stage", **changes)
    return fit("peak", operation, Readings(y, sd), Readings(X))


@pytest.mark.parametrize(
    ("gives", "expected"),
    [("center", 0.7), ("height", 8.0), ("fwhm", 2.35482 * 1.2), ("area", 8.0 * 1.2 * math.sqrt(2 * math.pi)), ("background", 3.0)],
)
def test_a_gaussian_gives_back_what_it_was_made_of(gives: Any, expected: float):
    assert fitted(gaussian(0.7, 8.0, 1.2, 3.0), gives=gives).value == pytest.approx(expected, rel=1e-4)
    assert fitted(gaussian(0.7, -2.0, 1.2, 3.0), gives="height").value == pytest.approx(-2.0, rel=1e-4), "a dip is a peak, too"


def test_a_lorentzian_gives_back_what_it_was_made_of():
    y = 1.0 + 4.0 / (1 + ((X + 0.5) / 0.8) ** 2)
    assert fitted(y, model="lorentzian", gives="fwhm").value == pytest.approx(1.6, rel=1e-4)
    assert fitted(y, model="lorentzian", gives="area").value == pytest.approx(math.pi / 2 * 4.0 * 1.6, rel=1e-4)


def test_the_sd_of_a_centre_is_that_of_the_literature_and_that_which_is_seen():
    # Landman, Roussel-Dupré & Tanigawa, Astrophys. J. 261 (1982) 732: σ_x0 = (σ_n / h) √(2 δ σ / √π) for noise of equal size.
    noise, step, sigma = 0.5, X[1] - X[0], 1.2
    expected = noise / 8.0 * math.sqrt(2 * step * sigma / math.sqrt(math.pi))
    rng = np.random.default_rng(1)
    found = [fitted(gaussian(0.7, 8.0, sigma) + rng.normal(0, noise, X.size), np.full(X.size, noise)) for _ in range(100)]
    assert found[0].sd == pytest.approx(expected, rel=0.05)
    assert np.std([one.value for one in found]) == pytest.approx(expected, rel=0.25)
    learnt = fitted(gaussian(0.7, 8.0, sigma) + rng.normal(0, noise, X.size))
    assert learnt.sd == pytest.approx(expected, rel=0.3), "from the scatter about the fit, where the noise is not known"


@pytest.mark.parametrize(
    ("y", "said"),
    [
        (np.ones(101), "no gaussian peak could be fitted"),
        (gaussian(6.5, 8.0, 1.2), "lies outside"),
        (np.random.default_rng(3).normal(0, 1, 101), "is no peak|under half a step"),
        (np.where(np.arange(101) == 50, np.nan, 1.0), "not finite"),
    ],
    ids=["flat", "an edge", "noise", "a hole"],
)
def test_a_fit_that_fails_is_no_number(y: np.ndarray, said: str):
    signal = fitted(y)
    assert signal.value is None
    assert re.search(said, signal.remark), signal.remark


def test_an_image_is_fitted_along_either_axis():
    row, column = np.indices((30, 40))
    image = Readings(np.exp(-0.5 * (((row - 11.5) / 3) ** 2 + ((column - 22.25) / 4) ** 2))[np.newaxis])
    assert fit("c", Fit(take="fit", of="cam"), image, None).value == pytest.approx(22.25, abs=1e-3)
    assert fit("c", Fit(take="fit", of="cam", along="y"), image, None).value == pytest.approx(11.5, abs=1e-3)


def test_too_few_points_or_another_number_of_places_are_refused():
    with pytest.raises(InstrumentError, match="3 points of diode are too few"):
        fit("c", Fit(take="fit", of="diode"), Readings(np.ones(3)), None)
    with pytest.raises(InstrumentError, match="diode has 7 points, and stage 101"):
        fit("c", Fit(take="fit", of="diode", x="stage"), Readings(np.ones(7)), Readings(X))


DESCRIPTION = InstrumentDescription(
    identity="t", axes={}, signals={"det": SignalDescription(field="det"), "i0": SignalDescription(field="i0")}
)


def observation(**changes: Any) -> Observation:
    usual: dict[str, Any] = {"setpoint": {}, "readback": {}, "readings": {}, "started_at": EVENING, "finished_at": EVENING}
    return Observation(trial=2, attempt=1, **{**usual, **changes})


def signals(derive: dict[str, Derived], dark: Observation | None = None, kind: TrialKind = TrialKind.AGENT, **fields: list[Any]) -> Signals:
    request = MeasureRequest(
        campaign="c",
        trial=3,
        attempt=1,
        kind=kind,
        point={},
        signals=tuple(derive),
        seed=0,
        token=1,
        derive=derive,
        exposure_s=2.0,
        dark=dark,
    )
    artefacts: Any = MemoryArtefacts()
    files: Any = RunFiles(FileDocuments(), lambda _stream: fields, frames_of=None, artefacts=artefacts, dark=dark)  # type: ignore[arg-type]
    return Signals(request, DESCRIPTION, lambda _stream: fields, files)


def test_operations_build_on_one_another_and_their_sds_with_them():
    derive: dict[str, Derived] = {
        "ratio": Combined(take="ratio", of=("net", "i0_rate")),
        "net": Dark(take="dark", of="det", dark="bg", gain=1.0),
        "i0_rate": DeadTime(take="dead_time", of="i0", tau_s=1e-6),
    }
    found = signals(derive, det=[100.0], bg=[25.0], i0=[20_000.0]).signal("ratio")
    i0 = 10_000 / 0.99
    i0_sd = math.sqrt(20_000) / 2 / 0.99**2
    assert found.value == pytest.approx(75 / i0)
    assert found.sd == pytest.approx(75 / i0 * math.hypot(math.sqrt(125) / 75, i0_sd / i0))


def test_what_spoils_one_signal_spoils_those_taken_from_it_and_says_why():
    derive: dict[str, Derived] = {
        "ratio": Combined(take="ratio", of=("rate", "i0")),
        "rate": DeadTime(take="dead_time", of="det", tau_s=1e-3),
    }
    found = signals(derive, det=[3000.0], i0=[1.0]).signal("ratio")
    assert found.value is None
    assert found.remark.startswith("ratio: rate: det counts 1500 a second and was busy 150% of the time")


def test_an_operation_of_its_own_name_means_the_data_key():
    assert signals({"det": Reduced(take="max", of="det")}, det=[1.0, 4.0]).signal("det").value == 4.0


def test_without_a_signal_the_dark_is_what_the_last_dark_trial_gave():
    derive: dict[str, Derived] = {"net": Dark(take="dark", of="det")}
    dark = observation(readings={"net": 25.0}, sds={"net": 2.0})
    assert signals(derive, dark, det=[100.0]).signal("net").value == 75.0
    assert signals(derive, kind=TrialKind.DARK, det=[25.0]).signal("net").value == 25.0, "the dark itself"
    assert signals(derive, det=[100.0]).signal("net").remark == "net: no dark has been taken; take one first"
    assert "the dark of trial 2 has no net" in signals(derive, observation(), det=[100.0]).signal("net").remark


def test_a_dark_image_is_found_where_it_was_kept():
    derive: dict[str, Derived] = {"net": Dark(take="dark", of="cam")}
    found = signals(derive, observation(arrays={"net": ArtefactRef(sha256="0" * 64)}), cam=[np.ones((2, 2))])
    assert "the dark of trial 2: " in found.signal("net").remark
    artefacts = MemoryArtefacts()
    kept = observation(arrays={"net": artefacts.put_array(np.full((2, 2), 3.0))})
    found = signals(derive, kept, cam=[np.full((2, 2), 10.0)])
    found._arrays.artefacts = artefacts  # type: ignore[union-attr]  # this run's
    np.testing.assert_array_equal(found.signal("net").value, np.full((2, 2), 7.0))


class Stack:
    """A detector's file of three frames; counts how often it is read."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, bool]] = []

    def read(self, refs: Sequence[FrameRef], *, last_only: bool = False, **_: Any) -> FramesRead:
        n = sum(ref.n_frames for ref in refs)
        self.asked.append((n, last_only))
        frames = np.stack([np.full((2, 2), float(number)) for ref in refs for number in range(*ref.frames)])
        return FramesRead(frames[-1] if last_only or n == 1 else frames)


def of_stack(derive: dict[str, Derived], n: int) -> tuple[Signals, Stack]:
    documents = FileDocuments()
    documents("descriptor", {"uid": "d", "data_keys": {"cam": {"external": "STREAM:", "shape": [1, 2, 2]}}})
    documents("stream_resource", {"uid": "r", "data_key": "cam", "mimetype": "application/x-hdf5", "uri": "file:///a.h5"})
    span = {"start": 0, "stop": n}
    documents("stream_datum", {"stream_resource": "r", "descriptor": "d", "seq_nums": span, "indices": span})
    stack: Any = Stack()
    request = MeasureRequest(
        campaign="c",
        trial=3,
        attempt=1,
        kind=TrialKind.AGENT,
        point={},
        signals=(),
        seed=0,
        token=1,
        derive=derive,
        plan=PlanCall(name="count"),
    )
    description = DESCRIPTION.model_copy(update={"signals": {"cam": SignalDescription(field="cam", kind="image", is_file=True)}})
    files = RunFiles(documents, lambda _stream: {}, frames_of=stack, artefacts=MemoryArtefacts())
    return Signals(request, description, lambda _stream: {}, files), stack


def test_a_file_is_read_once_for_all_that_is_taken_from_it_and_a_stack_only_where_it_is_needed():
    derive: dict[str, Derived] = {"light": RoiSum(take="roi_sum", of="cam"), "corner": RoiSum(take="roi_sum", of="cam", x=(0, 1), y=(0, 1))}
    found, stack = of_stack(derive, 1)
    assert (found.signal("cam").refs[0].frames, found.signal("light").value, found.signal("corner").value) == ((0, 1), 0.0, 0.0)
    assert stack.asked == [(1, False)]
    found, stack = of_stack(derive, 3)
    assert found.signal("cam").refs[0].frames == (0, 3)
    assert stack.asked == [(3, True)], "that all are there is enough for a reference"
    assert found.signal("light").value == 4 * (0 + 1 + 2)
    assert stack.asked == [(3, True), (3, False)]


def test_the_frames_of_a_run_become_one_image():
    derive: dict[str, Derived] = {take: Reduced(take=take, of="cam") for take in ("first", "last", "mean", "max", "sum")}  # type: ignore[arg-type]
    found, _ = of_stack(derive, 3)
    assert {take: found.signal(take).value[0, 0] for take in derive} == {"first": 0, "last": 2, "mean": 1, "max": 2, "sum": 3}  # type: ignore[index]
    assert [ref.frames for ref in (*found.signal("first").refs, *found.signal("last").refs)] == [(0, 1), (2, 3)], "stays in its file"
    assert found.signal("mean").refs == ()
