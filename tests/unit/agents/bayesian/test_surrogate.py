"""The Gaussian process's fit, against finite differences, GPyTorch and known truths."""

from dataclasses import replace

import numpy as np
import pytest

from agents.bayesian.ageing import Drifting, Forgetting, Kind
from agents.bayesian.surrogate import NOISE_LIMITS, Hyperparameters, Problem, cold_starts, fit, negative_log_posterior, with_mean

GROUPS = np.array([0, 0, 1])
CUBE = np.random.default_rng(0).random((40, 3))


def problem_of(truth: np.ndarray, *, noise: float = 0.1, is_known: bool = False) -> Problem:
    """Return a problem of 40 points whose first two columns belong to one parameter, the third to another."""
    values = truth + noise * np.random.default_rng(1).standard_normal(len(truth))
    known = np.full(len(CUBE), (noise / values.std()) ** 2)
    return Problem.of(CUBE, GROUPS, (values - values.mean()) / values.std(), known if is_known else None)


def fitted(problem: Problem, *more: Hyperparameters) -> Hyperparameters:
    return fit(problem, [*cold_starts(problem), *(start.as_log() for start in more)])


SLOPE = 3 * CUBE[:, 2]
WAVY = np.sin(6 * CUBE[:, 0]) + CUBE[:, 1]


@pytest.mark.parametrize("seed", range(3))
def test_the_gradient_is_that_of_the_loss(seed: int) -> None:
    problem, step = problem_of(WAVY, is_known=True), 1e-6
    logs = np.random.default_rng(seed).normal(-0.5, 0.7, size=4)
    gradient = negative_log_posterior(problem, logs)[1]
    for index, change in enumerate(step * np.eye(4)):
        slope = (negative_log_posterior(problem, logs + change)[0] - negative_log_posterior(problem, logs - change)[0]) / (2 * step)
        assert gradient[index] == pytest.approx(slope, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("kind", [Drifting, Forgetting])
def test_the_gradient_is_that_of_the_loss_where_readings_age(kind: Kind) -> None:
    values = WAVY - WAVY.mean()
    problem = Problem.of(CUBE, GROUPS, values, times=np.arange(len(CUBE)) * 1.0).of_kind(kind)
    logs, step = problem.prior_location - 0.3, 1e-6
    gradient = negative_log_posterior(problem, logs)[1]
    for index, change in enumerate(step * np.eye(len(logs))):
        slope = (negative_log_posterior(problem, logs + change)[0] - negative_log_posterior(problem, logs - change)[0]) / (2 * step)
        assert gradient[index] == pytest.approx(slope, rel=1e-4, abs=1e-4)


def test_the_loss_is_gpytorchs_up_to_a_constant() -> None:
    import torch
    from gpytorch.kernels import MaternKernel, ScaleKernel
    from gpytorch.priors import NormalPrior

    problem = problem_of(WAVY, is_known=True)

    def theirs(wanted: Hyperparameters) -> float:
        covariance = ScaleKernel(MaternKernel(nu=2.5, ard_num_dims=3)).double()
        covariance.base_kernel.lengthscale = torch.from_numpy(wanted.lengthscales[GROUPS])
        covariance.outputscale = torch.tensor(wanted.outputscale)
        noise = torch.from_numpy(problem.variances + wanted.noise)
        matrix = covariance(torch.from_numpy(CUBE)).to_dense() + torch.diag(noise)
        normal = torch.distributions.MultivariateNormal(torch.full((len(CUBE),), wanted.mean, dtype=torch.float64), matrix)
        density = normal.log_prob(torch.from_numpy(problem.values)).item()
        prior = NormalPrior(torch.from_numpy(problem.prior_location), torch.from_numpy(problem.prior_scale))
        return -density - prior.log_prob(torch.from_numpy(wanted.as_log())).sum().item()

    one = with_mean(problem, Hyperparameters(np.array([0.3, 2.0]), 0.8, 0.05))
    other = with_mean(problem, Hyperparameters(np.array([0.7, 0.5]), 1.4, 0.2))
    ours = negative_log_posterior(problem, other.as_log())[0] - negative_log_posterior(problem, one.as_log())[0]
    assert ours == pytest.approx(theirs(other) - theirs(one), rel=1e-5)


def of_six(values: np.ndarray, cube: np.ndarray) -> Problem:
    return Problem.of(cube, np.arange(6), (values - values.mean()) / values.std())


def test_the_lengthscales_of_many_parameters_have_a_students_t_for_a_prior_around_what_they_have_in_common() -> None:
    from scipy.stats import norm, t

    rng = np.random.default_rng(1)
    problem, logs, step = of_six(rng.standard_normal(20), rng.random((20, 6))), rng.normal(-0.5, 0.7, 8), 1e-6
    flat = replace(problem, prior_scale=np.full(8, 1e9))
    ours = [negative_log_posterior(problem, each)[0] - negative_log_posterior(flat, each)[0] for each in (logs, problem.prior_location)]
    standard = (logs - problem.prior_location) / problem.prior_scale
    common = standard[:6].sum() / 7
    own, normal = standard[:6] - common, np.array([common, *standard[6:]])
    theirs = t(2).logpdf(own).sum() - 6 * t(2).logpdf(0) + norm.logpdf(normal).sum() - 3 * norm.logpdf(0)
    assert ours[1] - ours[0] == pytest.approx(theirs)
    gradient = negative_log_posterior(problem, logs)[1]
    for index, change in enumerate(step * np.eye(8)):
        slope = (negative_log_posterior(problem, logs + change)[0] - negative_log_posterior(problem, logs - change)[0]) / (2 * step)
        assert gradient[index] == pytest.approx(slope, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("noise", [0.01, 0.3, 0.7])
def test_noise_is_told_from_signal(noise: float) -> None:
    share = noise**2 / (noise**2 + SLOPE.var())
    assert fitted(problem_of(SLOPE, noise=noise)).noise == pytest.approx(share, rel=0.25)


def test_a_parameter_that_does_not_matter_gets_a_long_lengthscale() -> None:
    found = fitted(problem_of(WAVY))
    assert found.lengthscales[1] > 3 * found.lengthscales[0]


def test_among_many_parameters_those_that_do_not_matter_still_show_it() -> None:
    cube = np.random.default_rng(3).random((30, 6))
    values = np.sin(6 * cube[:, 1]) + 2 * (cube[:, 4] - 0.4) ** 2
    found = fitted(of_six(values, cube)).lengthscales
    assert found[[0, 2, 3, 5]].min() > 3 * found[[1, 4]].max()


def test_what_rises_along_all_parameters_shows_it_in_a_few_readings() -> None:
    cube = np.random.default_rng(2).random((10, 6))
    problem = of_six(cube @ np.array([3.0, 1.0, 2.0, 0.5, 1.5, 2.5]), cube)
    assert (fitted(problem).lengthscales > 1.5 * np.exp(problem.prior_location[:6])).all()


def test_a_few_readings_of_many_parameters_leave_lengthscales_near_what_was_expected() -> None:
    rng = np.random.default_rng(5)
    cube, values = rng.random((10, 6)), rng.standard_normal(10)
    problem = of_six(values, cube)
    away = np.log(fitted(problem).lengthscales) - problem.prior_location[:6]
    assert np.abs(away).max() < np.log(2)


def test_a_category_may_matter_as_little_or_as_much_as_it_likes() -> None:
    groups = np.array([0, 1, 2, 3, 4, 4, 4])
    scales = Problem.of(np.zeros((2, 7)), groups, np.zeros(2)).prior_scale
    assert scales[4] > scales[0] == scales[3]


def test_noise_the_scores_state_themselves_is_not_counted_again() -> None:
    inferred, stated = fitted(problem_of(SLOPE, noise=0.7)), fitted(problem_of(SLOPE, noise=0.7, is_known=True))
    assert stated.noise < inferred.noise / 5


def test_an_earlier_fit_helps_and_never_harms() -> None:
    problem = problem_of(WAVY, noise=0.3)
    cold = fitted(problem)
    warm = fitted(problem, Hyperparameters(cold.lengthscales * 1.1, cold.outputscale, cold.noise))
    absurd = fitted(problem, Hyperparameters(np.array([90.0, 0.03]), 15.0, NOISE_LIMITS[0]))
    losses = [negative_log_posterior(problem, found.as_log())[0] for found in (cold, warm, absurd)]
    assert losses[1] <= losses[0] + 1e-6
    assert losses[2] <= losses[0] + 1e-6


def test_the_mean_of_constant_data_is_that_constant() -> None:
    problem = Problem.of(CUBE, GROUPS, np.full(40, 0.3))
    assert with_mean(problem, Hyperparameters(np.ones(2), 1.0, 0.1)).mean == pytest.approx(0.3)


def test_one_point_is_enough() -> None:
    found = fitted(Problem.of(CUBE[:1], GROUPS, np.zeros(1)))
    assert np.isfinite([*found.lengthscales, found.outputscale, found.noise, found.mean]).all()
