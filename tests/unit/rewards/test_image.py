"""Camera images: where the spot is and how large."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.errors import RewardError, SpecError
from orchestrator.testing.reward_contract import observation_of
from rewards.analysis.image_moments import ImageMoments, ImageMomentsSettings
from rewards.image import ImageReward, ImageSettings

ROWS, COLUMNS = np.indices((80, 120))


def spot(row: float, column: float, sigma_row: float = 4.0, sigma_column: float = 6.0, background: float = 20.0) -> np.ndarray:
    """Return a camera image, shape (80, 120), counts."""
    return background + 1000.0 * np.exp(-0.5 * (((ROWS - row) / sigma_row) ** 2 + ((COLUMNS - column) / sigma_column) ** 2))


def features(image: np.ndarray, **settings: object) -> dict[str, float]:
    return dict(ImageMoments(ImageMomentsSettings.model_validate({"threshold": 0.001, **settings})).features(image))


@given(st.floats(30, 50), st.floats(40, 80), st.floats(2, 6), st.floats(2, 6), st.floats(0, 500))
def test_a_gaussian_spot_is_found_where_it_is_and_as_large_as_it_is(
    row: float, column: float, sigma_row: float, sigma_column: float, background: float
):
    found = features(spot(row, column, sigma_row, sigma_column, background))
    assert (found["centre_y"], found["centre_x"]) == pytest.approx((row, column), abs=0.05)
    assert (found["sigma_y"], found["sigma_x"]) == pytest.approx((sigma_row, sigma_column), rel=0.02)
    assert found["size"] == pytest.approx(np.sqrt((sigma_row**2 + sigma_column**2) / 2), rel=0.02)


def test_lengths_are_given_in_the_pixels_unit():
    coarse, fine = features(spot(40, 60)), features(spot(40, 60), pixel_size=5.0)
    assert fine["size"] == pytest.approx(5 * coarse["size"])
    assert fine["total"] == coarse["total"]


def test_noise_far_from_the_spot_does_not_swell_it():
    noisy = spot(40, 60) + np.random.default_rng(0).normal(0, 5, (80, 120))
    assert features(noisy, threshold=0.05)["size"] == pytest.approx(features(spot(40, 60))["size"], rel=0.1)


def test_the_beam_may_be_steered_to_a_pixel():
    settings = {"signal": "camera", "feature": "offset", "goal": "minimise", "analyser": {"type": "image-moments", "target": [40, 60]}}
    steer = ImageReward(ImageSettings.model_validate(settings))
    values = [steer.score(observation_of({}), {"camera": spot(40, column)}).value for column in (90, 70, 60)]
    assert values == pytest.approx([30, 10, 0], abs=0.3)
    assert steer.objective().goal == "minimise"


def test_the_offset_is_measured_from_the_middle_by_default():
    assert features(spot(39.5, 59.5))["offset"] == pytest.approx(0, abs=0.05)


def test_a_dark_image_says_so():
    with pytest.raises(RewardError, match="nothing in the image is brighter than its background of 20 counts"):
        features(np.full((80, 120), 20.0))


def test_an_image_that_is_none_is_refused():
    reward = ImageReward(ImageSettings.model_validate({"signal": "camera", "feature": "size"}))
    with pytest.raises(RewardError, match="not 2 dimensions"):
        reward.score(observation_of({}), {"camera": np.ones(5)})
    with pytest.raises(RewardError, match="'camera' gave no array"):
        reward.score(observation_of({}), {})
    with pytest.raises(RewardError, match="at least 2 each"):
        features(np.ones((1, 5)))


def test_an_unknown_feature_is_refused_before_the_night():
    with pytest.raises(SpecError, match="gives no feature 'colour'"):
        ImageReward(ImageSettings.model_validate({"signal": "camera", "feature": "colour"}))
