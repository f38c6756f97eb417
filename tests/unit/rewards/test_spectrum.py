"""Spectra: alike or not, and where their peak is."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from orchestrator.domain.errors import BadInput, RewardError, SpecError
from orchestrator.testing.reward_contract import observation_of
from rewards.analysis.peak import Peak, PeakSettings
from rewards.spectrum import SpectrumReward, SpectrumSettings, cosine_similarity, rms_difference

CHANNELS = np.arange(400.0)


def gaussian(centre: float, sigma: float, height: float = 100.0, background: float = 0.0) -> np.ndarray:
    """Return a peak, shape (400,), counts."""
    return background + height * np.exp(-0.5 * ((CHANNELS - centre) / sigma) ** 2)


def reward(**settings: object) -> SpectrumReward:
    return SpectrumReward(SpectrumSettings.model_validate({"signal": "spectrum", **settings}))


def score(judge: SpectrumReward, spectrum: np.ndarray) -> float:
    return judge.score(observation_of({}), {"spectrum": spectrum}).value


@given(st.floats(0.01, 1e4))
def test_brightness_does_not_matter_to_cosine_similarity(brightness: float):
    assert cosine_similarity(brightness * gaussian(200, 10), gaussian(200, 10)) == pytest.approx(1.0)


def test_spectra_without_overlap_have_nothing_in_common():
    assert cosine_similarity(np.array([1.0, 0.0]), np.array([0.0, 2.0])) == 0.0


def test_the_nearer_spectrum_scores_higher():
    like = reward(like=gaussian(200, 10).tolist())
    scores = [score(like, gaussian(centre, 10)) for centre in (230, 215, 205, 200)]
    assert scores == sorted(scores)
    assert (like.objective().name, like.objective().goal) == ("similarity", "maximise")


def test_rms_difference_is_in_the_spectras_unit_and_minimised():
    assert rms_difference(np.array([1.0, 5.0]), np.array([4.0, 1.0])) == pytest.approx(np.sqrt(12.5))
    assert reward(like=[1, 2], compare="rms").objective().goal == "minimise"


@pytest.mark.parametrize("written", ["energy,counts\n1,10\n2,20\n3,30\n", "1,10\n2,20\n3,30\n", "10\n20\n30\n", "counts\n10\n20\n30\n"])
def test_a_wanted_spectrum_may_come_from_a_csv_beside_the_campaign(tmp_path: Path, written: str):
    (tmp_path / "wanted.csv").write_text(written)
    settings = SpectrumSettings.model_validate({"signal": "spectrum", "like": "wanted.csv", "compare": "rms"}).relative_to(tmp_path)
    assert score(SpectrumReward(settings), np.array([10.0, 20.0, 33.0])) == pytest.approx(np.sqrt(3.0))


def test_a_wanted_spectrum_may_come_from_numpy(tmp_path: Path):
    np.save(tmp_path / "wanted.npy", gaussian(200, 10))
    assert score(reward(like=str(tmp_path / "wanted.npy")), gaussian(200, 10)) == pytest.approx(1.0)


def test_a_wanted_spectrum_that_cannot_be_used_is_refused(tmp_path: Path):
    (tmp_path / "words.csv").write_text("1,a\n2,b\n")
    for like in (str(tmp_path / "none.csv"), str(tmp_path / "words.csv"), ()):
        with pytest.raises(BadInput, match="like = "):
            reward(like=like)


def test_a_feature_of_the_spectrum_may_be_the_score():
    narrow = reward(analyser="peak", feature="fwhm", goal="minimise", unit="channels")
    assert score(narrow, gaussian(200, 10)) == pytest.approx(2.3548 * 10, rel=0.01)
    assert (narrow.objective().name, narrow.objective().unit) == ("fwhm", "channels")


def test_a_peak_may_be_steered_to_a_place():
    steer = reward(analyser={"type": "peak", "start": 5.0, "step": 0.01}, feature="position", goal="target", target=7.0)
    assert score(steer, gaussian(150, 10)) == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize("settings", [{}, {"like": [1.0], "analyser": "peak"}, {"analyser": "peak"}])
def test_a_reward_needs_exactly_one_purpose(settings: dict[str, object]):
    with pytest.raises(ValidationError):
        reward(**settings)


def test_a_feature_the_analyser_does_not_give_is_refused_before_the_night():
    with pytest.raises(SpecError, match="peak gives no feature 'colour'; choose from position, height"):
        reward(analyser="peak", feature="colour")


def test_spectra_that_cannot_be_judged_are_named():
    like = reward(like=[1.0, 2.0])
    for spectrum, problem in (
        (np.ones(3), "3 channels but the wanted one 2"),
        (np.zeros(2), "only zeros"),
        (np.array([1.0, np.nan]), "1 values that are not finite"),
        (np.ones((4, 4)), "not 1 dimensions"),
    ):
        with pytest.raises(RewardError, match=problem):
            score(like, spectrum)
    with pytest.raises(RewardError, match="'spectrum' gave no array"):
        like.score(observation_of({}), {})


@given(st.floats(100, 300), st.floats(4, 20), st.floats(1, 1e5), st.floats(-50, 50))
def test_a_gaussian_peak_is_found_where_it_is(centre: float, sigma: float, height: float, background: float):
    features = Peak(PeakSettings()).features(gaussian(centre, sigma, height, background))
    assert features["position"] == pytest.approx(centre, abs=0.05)
    assert features["height"] == pytest.approx(height, rel=0.01)
    assert features["fwhm"] == pytest.approx(2.3548 * sigma, rel=0.02)
    assert features["background"] == pytest.approx(background, abs=1e-3 * height)
    assert features["area"] == pytest.approx(np.sqrt(2 * np.pi) * sigma * height, rel=0.01)


def test_a_window_chooses_between_two_peaks():
    two = gaussian(100, 5) + gaussian(300, 5, height=300)
    assert Peak(PeakSettings()).features(two)["position"] == pytest.approx(300, abs=0.1)
    assert Peak(PeakSettings(window=(50, 150))).features(two)["position"] == pytest.approx(100, abs=0.1)


def test_a_peak_at_the_edge_is_found_without_neighbours():
    assert Peak(PeakSettings()).features(np.array([0.0] * 30 + [1.0, 2.0, 9.0]))["position"] == 32.0


@pytest.mark.parametrize(("spectrum", "problem"), [(np.ones(50), "no peak"), (np.ones(2), "channels"), (np.array([]), "channels")])
def test_a_spectrum_without_a_peak_says_so(spectrum: np.ndarray, problem: str):
    with pytest.raises(RewardError, match=problem):
        Peak(PeakSettings()).features(spectrum)
