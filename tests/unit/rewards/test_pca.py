"""A spectrum in a few numbers: scores on the components of known ones."""

from pathlib import Path

import numpy as np
import pytest

from orchestrator.domain.errors import BadInput, RewardError
from orchestrator.testing.reward_contract import observation_of
from rewards.analysis.pca import Pca, PcaSettings, known_spectra, principal_components
from rewards.spectrum import SpectrumReward, SpectrumSettings

CHANNELS = np.arange(120.0)


def peak(centre: float) -> np.ndarray:
    return 100.0 * np.exp(-0.5 * ((CHANNELS - centre) / 5.0) ** 2)


def mixture(fraction: float) -> np.ndarray:
    """Return the spectrum of two phases, shape (120,), counts."""
    return fraction * peak(40) + (1 - fraction) * peak(80)


def analyser(*, components: int = 1) -> Pca:
    known = [mixture(fraction).tolist() for fraction in (0.0, 0.3, 0.6, 1.0)]
    return Pca(PcaSettings.model_validate({"spectra": known, "components": components}))


def test_the_first_score_of_a_mixture_is_linear_in_its_fraction():
    scores = [analyser().features(mixture(fraction))["score_1"] for fraction in (0.1, 0.5, 0.9)]
    assert scores[1] - scores[0] == pytest.approx(scores[2] - scores[1])
    assert abs(scores[2] - scores[0]) > 100


def test_the_residual_tells_a_phase_nobody_knew():
    known, unknown = analyser().features(mixture(0.5)), analyser().features(mixture(0.5) + peak(100))
    assert known["residual"] == pytest.approx(0.0, abs=1e-9)
    assert unknown["residual"] > 10


def test_components_are_of_length_one_and_at_right_angles_and_rebuild_the_spectra():
    spectra = np.random.default_rng(0).random((5, 30))
    components = principal_components(spectra, 4)
    assert components @ components.T == pytest.approx(np.eye(4), abs=1e-12)
    assert all(component[np.abs(component).argmax()] > 0 for component in components)
    centred = spectra - spectra.mean(axis=0)
    assert centred @ components.T @ components == pytest.approx(centred)


@pytest.mark.parametrize("name", ["known.csv", "known.npy"])
def test_known_spectra_lie_beside_the_campaign(tmp_path: Path, name: str):
    known = np.array([mixture(fraction) for fraction in (0.0, 0.5, 1.0)])
    np.save(tmp_path / name, known) if name.endswith("npy") else np.savetxt(tmp_path / name, known, delimiter=",")
    written = {"signal": "spectrum", "analyser": {"type": "pca", "spectra": name, "components": 1}, "feature": "score_1"}
    reward = SpectrumReward(SpectrumSettings.model_validate(written).relative_to(tmp_path))
    found = reward.score(observation_of({}), {"spectrum": mixture(0.2)}).value
    assert found == pytest.approx(Pca(PcaSettings(spectra=str(tmp_path / name), components=1)).features(mixture(0.2))["score_1"])


def test_more_components_than_the_spectra_can_tell_are_refused():
    with pytest.raises(BadInput, match="at least 5 spectra"):
        analyser(components=4)


@pytest.mark.parametrize(("text", "match"), [("1,2\n3\n", "cannot be read"), ("1,nan\n2,3\n", "no table of finite"), ("", "no table")])
@pytest.mark.filterwarnings("ignore:genfromtxt")
def test_a_file_that_holds_no_spectra_is_refused(tmp_path: Path, text: str, match: str):
    (tmp_path / "known.csv").write_text(text)
    with pytest.raises(BadInput, match=match):
        known_spectra(str(tmp_path / "known.csv"))


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(BadInput, match=r"known\.csv"):
        known_spectra(str(tmp_path / "known.csv"))


def test_a_spectrum_of_other_channels_is_refused():
    with pytest.raises(RewardError, match="100 channels but the known ones 120"):
        analyser().features(np.ones(100))
