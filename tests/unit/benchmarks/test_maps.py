"""Maps: the model is the usual one, told at once or pixel by pixel, grids are even, and every engine can draw a map."""

from itertools import pairwise

import numpy as np
import pytest

from orchestrator.benchmarks import map_engines
from orchestrator.benchmarks.map_report import fewest_first, report
from orchestrator.benchmarks.mapping import all_maps, map_of, play_map, points_to
from orchestrator.benchmarks.maps import MapSuite
from orchestrator.benchmarks.reconstruction import PixelGP, Reconstruction, _matern, _minus_likelihood
from orchestrator.benchmarks.records import MapRun
from orchestrator.benchmarks.suites import Wish
from tests.unit.benchmarks.test_playing import HERE

PIXELS = np.argwhere(np.ones((9, 7), dtype=bool)).astype(float)
HERE_NOW = [name for name in map_engines.all_map_engines() if not map_engines.missing(name)]


def test_conditioning_gives_the_usual_posterior():
    rng = np.random.default_rng(0)
    chosen = rng.choice(len(PIXELS), size=12, replace=False)
    values = np.sin(PIXELS[chosen, 0]) + PIXELS[chosen, 1]
    model = PixelGP(PIXELS)
    model.tell_all(chosen, values)
    lengths, noise = model._log[:2], np.exp(model._log[2])
    across = _matern(PIXELS, PIXELS[chosen], lengths)
    inverse = np.linalg.inv(_matern(PIXELS[chosen], PIXELS[chosen], lengths) + noise * np.eye(12))
    standard = (values - values.mean()) / values.std()
    assert model.mean == pytest.approx(values.mean() + values.std() * (across @ inverse @ standard))
    assert model.variance == pytest.approx(values.var() * (1 - np.einsum("ij,jk,ik->i", across, inverse, across)), abs=1e-6)


def test_one_pixel_more_is_what_all_at_once_would_be():
    values = np.sin(PIXELS[:, 0]) + PIXELS[:, 1]
    one_more, at_once = PixelGP(PIXELS), PixelGP(PIXELS)
    for model in (one_more, at_once):
        model.tell_all(np.arange(0, 60, 5), values[::5][:12])
    one_more.tell(62, values[62])
    at_once._condition_all(np.append(np.arange(0, 60, 5), 62), np.append(values[::5][:12], values[62]))
    assert one_more.mean == pytest.approx(at_once.mean)
    assert one_more.variance == pytest.approx(at_once.variance, abs=1e-9)


def test_the_gradient_of_the_likelihood_is_that_of_finite_differences():
    rng = np.random.default_rng(0)
    chosen = rng.choice(len(PIXELS), size=15, replace=False)
    squares = (PIXELS[chosen, None, :] - PIXELS[None, chosen, :]).transpose(2, 0, 1) ** 2
    log, values = np.array([0.4, 0.9, -2.0]), rng.standard_normal(15)
    _, gradient = _minus_likelihood(log, squares, values)
    for axis, step in enumerate(1e-5 * np.eye(3)):
        higher, lower = _minus_likelihood(log + step, squares, values)[0], _minus_likelihood(log - step, squares, values)[0]
        assert gradient[axis] == pytest.approx((higher - lower) / 2e-5, rel=1e-5)


def test_a_plane_is_reconstructed_from_its_corners_by_lines():
    plane = 2.0 * PIXELS[:, 0] - PIXELS[:, 1]
    corners = np.array([0, 6, 56, 62])
    _, lines = Reconstruction(PIXELS).estimates(corners, plane[corners])
    assert lines == pytest.approx(plane)


def test_a_grid_has_the_maps_proportions():
    pixels = map_engines.grid_of((75, 50), 150)
    assert len(pixels) == 150
    rows, columns = np.unique(pixels // 50), np.unique(pixels % 50)
    assert (len(rows), len(columns)) == (15, 10)
    assert {0, 74} <= set(rows)
    assert {0, 49} <= set(columns)


def test_one_lucky_look_is_not_enough():
    looks = [(10, 0.3), (20, 0.09), (30, 0.12), (40, 0.1), (50, 0.04), (60, 0.04)]
    assert points_to(looks, 0.10) == 40
    assert points_to(looks, 0.05) == 50
    assert points_to(looks, 0.01) is None


def test_the_bundled_maps_are_those_of_their_sources():
    shapes = {name: map_of(task).image.shape for name, task in all_maps().items()}
    assert shapes == {"wse2": (75, 50), "be-pfm": (32, 32)}
    measured = map_of(all_maps()["be-pfm"])
    assert measured.error(measured.values) == 0.0
    assert measured.error(measured.values + measured.span) == pytest.approx(1.0)


@pytest.mark.filterwarnings("ignore")  # libraries of others warn as they please
@pytest.mark.parametrize("name", HERE_NOW)
def test_every_engine_draws_a_map_pixel_by_pixel(name: str):
    run = play_map(all_maps()["be-pfm"].model_copy(update={"budget": 14}), name, 0)
    assert run.problem == ""
    assert all(later > earlier for (earlier, _), (later, _) in pairwise(run.looks))


def test_a_map_is_drawn_the_same_again_from_the_same_seed():
    task = all_maps()["be-pfm"].model_copy(update={"budget": 13})
    assert len({play_map(task, "log-gp", seed).looks for seed in (0, 0, 1)}) == 2


def test_the_report_says_who_did_not_get_there(tmp_path):
    looks = [(10, 0.3), (200, 0.09), (210, 0.08)]
    runs = [MapRun(map="be-pfm", engine="maximin", seed=seed, looks=looks, cpu_s=0.1, surroundings=HERE) for seed in (0, 1)]
    runs.append(MapRun(map="be-pfm", engine="random", seed=0, looks=[(10, 0.3)], surroundings=HERE))
    rows = [line for line in report(runs).splitlines() if line.startswith("| ")]
    assert "| maximin | 200 [200, 200] 2/2 | none of 2 | 0.1 |" in rows
    assert "| random | none of 1 | none of 1 | – |" in rows
    assert fewest_first(runs, "be-pfm") == "maximin 200, random ≥ 512"


def test_a_grid_is_drawn_once_whatever_the_seeds(tmp_path):
    suite = MapSuite(Wish(tasks=["be-pfm"], engines=["grid", "maximin"], n_seeds=3, results=tmp_path / "benchmarks"))
    assert suite.n_missing() == 4
