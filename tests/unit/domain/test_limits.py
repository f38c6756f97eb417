"""Limits on measured signals, as a campaign file states them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from orchestrator.domain.limits import Limit, broken_limits, limited_value
from orchestrator.domain.records import ObjectiveScore, Score
from orchestrator.domain.spec import CampaignSpec
from tests.builders import BEAM_SIZE, FLUX, Night, make_spec

MINIMAL = {"name": "film", "instrument": "dataset", "reward": {"signal": "toughness"}}


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_a_limit_is_kept_just_where_nothing_exceeds_it(value: float, low: float, width: float) -> None:
    limit = Limit(at_least=low, at_most=low + width)
    assert limit.keeps(value) == (low <= value <= low + width) == (limit.excess(value) <= 0)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({}, "neither at_least nor at_most"),
        ({"at_least": 5, "at_most": 1}, "at_least = 5 is not below at_most = 1"),
        ({"at_least": float("nan")}, "finite number"),
        ({"above": 3}, "Extra inputs"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(written: dict[str, float], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Limit.model_validate(written)


def test_a_safe_limit_needs_a_safe_start_and_falls_back_on_what_is_known_to_be_safe() -> None:
    safe = {**MINIMAL, "limits": {"flux": {"at_least": 5, "safe": True}}}
    with pytest.raises(ValidationError, match=r"flux is safe, but safe_start names no point"):
        CampaignSpec.model_validate(safe)
    with pytest.raises(ValidationError, match="no limit is safe"):
        CampaignSpec.model_validate({**MINIMAL, "safe_start": [{"x": 1.0}]})
    spec = CampaignSpec.model_validate({**safe, "safe_start": [{"x": 1.0}]})
    assert spec.fallback.type == "known-safe"
    assert CampaignSpec.model_validate_json(spec.model_dump_json()) == spec
    assert CampaignSpec.model_validate({**MINIMAL, "limits": {"flux": {"at_least": 5}}}).fallback.type == "sobol"


def test_a_reading_counts_before_a_score_of_the_same_name_and_what_was_not_read_is_not_kept() -> None:
    score = Score(objectives={"flux": ObjectiveScore(value=3.0)})
    assert limited_value("flux", None, score) == 3.0
    assert limited_value("other", None, score) is None
    assert list(broken_limits({"flux": Limit(at_least=1), "other": Limit(at_least=1)}, None, score)) == ["other"]


def test_the_best_trial_is_the_best_of_those_that_keep_the_limits() -> None:
    night = Night(make_spec(("mirror_pitch",), limits={"beam_width": {"at_most": 20.0}}), (FLUX, BEAM_SIZE)).begin()
    for flux, width in ((50.0, 15.0), (99.0, 25.0), (60.0, 18.0), (80.0, None)):
        trial = night.suggest({"mirror_pitch": flux / 20.0})
        night.review(trial)
        night.start(trial)
        night.measure(trial, {"ion_chamber": flux, "beam_width": width})
        night.score(trial, flux=flux)
    assert night.state().best == 3
    assert night.state().n_since_best == 1
