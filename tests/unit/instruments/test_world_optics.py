"""The beamline's physics: where the optimum is, what couples, how the counts scatter."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from instruments.simulated.axes import AXES, best_positions
from instruments.simulated.detectors import IMAGE_SHAPE, Attempt, drift, moments, read
from instruments.simulated.optics import PEAK_FLUX, Spot, best_flux, spot

ALIGNED = ("mirror_pitch", "mirror_roll", "crystal_pitch", "slit_centre", "energy")


def flux_at(**moved: float) -> float:
    return spot({**best_positions(), **moved}).flux


def test_the_aligned_beamline_gives_the_flux_it_is_specified_for():
    assert best_flux() == pytest.approx(PEAK_FLUX)


def test_a_numerical_search_from_the_start_finds_the_documented_optimum():
    def misaligned(steps: np.ndarray) -> float:
        moved = {name: AXES[name].best + step * np.ptp(AXES[name].limits) for name, step in zip(ALIGNED, steps, strict=True)}
        return -flux_at(**moved) / PEAK_FLUX

    start = [(AXES[name].start - AXES[name].best) / np.ptp(AXES[name].limits) for name in ALIGNED]
    found = minimize(misaligned, start, method="Nelder-Mead", options={"xatol": 1e-5, "fatol": 1e-10, "maxiter": 4000})

    assert -found.fun == pytest.approx(1.0, abs=1e-4)
    assert np.abs(found.x).max() < 2e-3


@pytest.mark.parametrize("name", AXES)
def test_the_optimum_lies_well_inside_the_limits(name: str):
    low, high = AXES[name].limits
    assert low + 0.1 * (high - low) < AXES[name].best < high - 0.1 * (high - low)


@pytest.mark.parametrize("name", ALIGNED)
def test_moving_any_one_axis_away_from_its_best_loses_flux(name: str):
    low, high = AXES[name].limits
    assert flux_at(**{name: AXES[name].best + 0.2 * (high - low)}) < 0.7 * PEAK_FLUX


def test_after_a_mirror_step_the_crystal_has_to_follow_it():
    pitch = AXES["mirror_pitch"].best + 0.1
    crystal = np.linspace(*AXES["crystal_pitch"].limits, 801)
    best = crystal[np.argmax([flux_at(mirror_pitch=pitch, crystal_pitch=angle) for angle in crystal])]

    assert abs(best - AXES["crystal_pitch"].best) > 5.0
    assert flux_at(mirror_pitch=pitch, crystal_pitch=best) > 1.05 * flux_at(mirror_pitch=pitch)


def test_the_slit_has_to_follow_the_roll():
    roll = AXES["mirror_roll"].best + 0.5
    assert flux_at(mirror_roll=roll, slit_centre=AXES["slit_centre"].best + 0.4) > 1.15 * flux_at(mirror_roll=roll)


def test_a_wider_slit_lets_more_light_through_and_makes_a_larger_spot():
    narrow, wide = spot({**best_positions(), "slit_gap": 0.5}), spot({**best_positions(), "slit_gap": 2.5})
    assert wide.flux > narrow.flux
    assert wide.sigma_x > narrow.sigma_x


@given(seed=st.integers(0, 2**62), trial=st.integers(1, 10_000), number=st.integers(1, 5))
def test_a_reading_is_a_function_of_seed_trial_and_attempt(seed: int, trial: int, number: int):
    attempt, beam = Attempt(seed, trial, number, id="a"), spot(best_positions())
    one, other = read(beam, 0.1, 1.0, attempt), read(beam, 0.1, 1.0, Attempt(seed, trial, number, id="b"))

    assert (one.i0, one.i1, one.flux, one.spot_x) == (other.i0, other.i1, other.flux, other.spot_x)
    assert np.array_equal(one.image, other.image)
    assert drift(attempt) == drift(Attempt(seed, trial, number))


def test_another_attempt_scatters_differently():
    beam = spot(best_positions())
    assert len({read(beam, 0.1, 1.0, Attempt(1, trial, number)).i1 for trial in (1, 2) for number in (1, 2)}) == 4


def test_counts_scatter_as_poisson_says():
    beam = Spot(flux=40_000.0, x=0.0, y=0.0, sigma_x=0.1, sigma_y=0.1)
    readings = [read(beam, 0.1, 1.0, Attempt(3, trial, 1)) for trial in range(600)]
    counts = np.array([reading.i1 for reading in readings])

    assert counts.mean() == pytest.approx(4002.0, rel=0.005)
    assert counts.var(ddof=1) == pytest.approx(counts.mean(), rel=0.2)
    pulls = [(reading.flux - beam.flux) / reading.flux_sd for reading in readings]
    assert np.std(pulls) == pytest.approx(1.0, abs=0.1)


def test_half_a_beam_gives_half_the_counts():
    full, half = (read(spot(best_positions()), 1.0, fraction, Attempt(3, 1, 1)).i1 for fraction in (1.0, 0.5))
    assert half == pytest.approx(full / 2, rel=0.01)


def test_drift_is_slow_and_small_and_differs_between_nights():
    pitches = np.array([drift(Attempt(5, trial, 1)).mirror_pitch for trial in range(1, 200)])

    assert np.abs(np.diff(pitches)).max() < 0.0006
    assert 0.005 < np.abs(pitches).max() <= 0.006
    assert drift(Attempt(5, 10, 1)) != drift(Attempt(6, 10, 1))


def test_the_camera_finds_the_spot_where_it_is():
    beam = Spot(flux=1e6, x=0.4, y=-0.3, sigma_x=0.1, sigma_y=0.15)
    reading = read(beam, 1.0, 1.0, Attempt(1, 1, 1))

    assert reading.image.shape == IMAGE_SHAPE
    assert (reading.image >= 0).all()
    assert reading.spot_x == pytest.approx(0.4, abs=0.01)
    assert reading.spot_y == pytest.approx(-0.3, abs=0.01)
    assert reading.spot_size == pytest.approx((0.1 * 0.15) ** 0.5, rel=0.2)


def test_without_light_the_spot_seems_as_wide_as_the_camera():
    dark = read(Spot(flux=0.0, x=0.0, y=0.0, sigma_x=0.1, sigma_y=0.1), 0.1, 1.0, Attempt(1, 1, 1))
    bright = read(spot(best_positions()), 0.1, 1.0, Attempt(1, 1, 1))
    assert dark.spot_size > 5 * bright.spot_size


def test_an_empty_image_has_no_size():
    assert moments(np.zeros(IMAGE_SHAPE)) == (0.0, 0.0, 0.0)
