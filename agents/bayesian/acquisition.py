"""The BoTorch side: models with given hyperparameters, and the acquisition function that ranks points.

This module imports torch; it is itself imported only when the first model-based suggestion is due.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from botorch.acquisition.logei import qLogNoisyExpectedImprovement
from botorch.acquisition.objective import GenericMCObjective
from botorch.models import ModelListGP, SingleTaskGP
from botorch.models.model import Model
from botorch.sampling.normal import SobolQMCNormalSampler
from gpytorch.kernels import MaternKernel, ScaleKernel
from gpytorch.means import ConstantMean
from torch import Tensor

from agents.bayesian.observations import Observations
from agents.bayesian.surrogate import Hyperparameters

N_SAMPLES = 128
"""Joint draws of the objective at the measured points, over which improvement is averaged."""
_MAX_BASELINE = 64
"""Only this many of the most promising measured points can be the best one."""
_AUGMENTATION = 0.05
"""Share of the plain weighted sum in the Chebyshev scalarisation (Knowles, IEEE Trans. Evol. Comput. 10, 50 (2006))."""
_CHUNK = 2048


@dataclass(frozen=True, slots=True)
class Refusals:
    """Surroundings of vetoed and failed points, which are avoided."""

    centres: np.ndarray
    """Shape (refused, columns)."""
    radii: np.ndarray
    """Shape (refused,), in the unit cube."""


class Judge:
    """Ranks points: log noisy expected improvement, lowered around refused points.

    Noisy expected improvement averages over what the best measured point may truly be worth (Letham et al., Bayesian
    Analysis 14, 495 (2019); in logarithmic form Ament et al., NeurIPS 2023). One lucky reading is therefore not chased,
    and measuring a known point again promises next to nothing.
    """

    name = "log noisy expected improvement"

    def __init__(self, model: Model, observations: Observations, *, refusals: Refusals, weights: Tensor | None, seed: int) -> None:
        self._refusals = refusals
        measured = np.unique(observations.cube, axis=0)
        self._function = qLogNoisyExpectedImprovement(
            model=model,
            X_baseline=_most_promising(model, torch.from_numpy(measured), weights),
            X_pending=torch.from_numpy(observations.pending) if len(observations.pending) else None,
            sampler=SobolQMCNormalSampler(torch.Size([N_SAMPLES]), seed=seed),
            objective=None if weights is None else GenericMCObjective(lambda samples, X=None: scalarised(samples, weights)),
            prune_baseline=False,
        )

    def __call__(self, X: Tensor) -> Tensor:
        """Return the log acquisition of points of shape (points, 1, columns), shape (points,)."""
        return self._function(X) + _log_distance_factor(X.squeeze(-2), self._refusals)

    def of_cube(self, cube: np.ndarray) -> np.ndarray:
        """Return the log acquisition of points of shape (points, columns), shape (points,)."""
        with torch.no_grad():
            return torch.cat([self(chunk.unsqueeze(-2)) for chunk in torch.from_numpy(cube).split(_CHUNK)]).numpy()


class UpperBound:
    """Ranks points by a hopeful guess, mean plus two sds: where every point is known, the hopeful ones deserve another look."""

    name = "upper bound, mean + 2 sd"

    def __init__(self, model: Model, weights: Tensor | None) -> None:
        self._model, self._weights = model, weights

    def of_cube(self, cube: np.ndarray) -> np.ndarray:
        """Return the bound at points of shape (points, columns), standardised, shape (points,)."""
        means, sds = predict(self._model, cube)
        hopeful = torch.from_numpy(means + 2.0 * sds)
        return (hopeful[:, 0] if self._weights is None else scalarised(hopeful, self._weights)).numpy()


def model_of(observations: Observations, fits: Sequence[Hyperparameters], groups: np.ndarray) -> Model:
    """Return one exact Gaussian process per objective, conditioned on the observations."""
    models = [_single(observations, index, hyperparameters, groups) for index, hyperparameters in enumerate(fits)]
    return models[0] if len(models) == 1 else ModelListGP(*models)


def predict(model: Model, cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return standardised means and sds of the objectives themselves (noise apart), each of shape (points, objectives)."""
    with torch.no_grad():
        posterior: Any = model.posterior(torch.from_numpy(cube).unsqueeze(-2))
        return posterior.mean.squeeze(-2).numpy(), posterior.variance.squeeze(-2).clamp_min(0.0).sqrt().numpy()


def scalarised(samples: Tensor, weights: Tensor) -> Tensor:
    """Return the augmented Chebyshev scalarisation of standardised objectives, last axis (objectives) removed."""
    weighted = samples * weights
    return weighted.amin(dim=-1) + _AUGMENTATION * weighted.sum(dim=-1)


def _single(observations: Observations, index: int, hyperparameters: Hyperparameters, groups: np.ndarray) -> SingleTaskGP:
    outcome = observations.outcomes[index]
    variances = np.zeros(observations.n) if outcome.variances is None else outcome.variances
    kernel = ScaleKernel(MaternKernel(nu=2.5, ard_num_dims=len(groups)))
    kernel.base_kernel.lengthscale = torch.from_numpy(hyperparameters.lengthscales[groups])
    kernel.outputscale = torch.tensor(hyperparameters.outputscale)
    mean = ConstantMean()
    mean.initialize(constant=hyperparameters.mean)
    model = SingleTaskGP(
        torch.from_numpy(observations.cube),
        torch.from_numpy(outcome.values).unsqueeze(-1),
        torch.from_numpy(variances + hyperparameters.noise).unsqueeze(-1),
        covar_module=kernel.double(),
        mean_module=mean.double(),
        outcome_transform=None,
    )
    return model.eval().requires_grad_(False)


def _most_promising(model: Model, measured: Tensor, weights: Tensor | None) -> Tensor:
    if len(measured) <= _MAX_BASELINE:
        return measured
    means = torch.from_numpy(predict(model, measured.numpy())[0])
    worth = means[:, 0] if weights is None else scalarised(means, weights)
    return measured[worth.topk(_MAX_BASELINE).indices]


def _log_distance_factor(X: Tensor, refusals: Refusals) -> Tensor:
    """Return log(1 − exp(−(distance / radius)² / 2)) summed over refused points, shape (points,): minus infinity at each."""
    total = torch.zeros(len(X), dtype=X.dtype)
    for centre, radius in zip(refusals.centres, refusals.radii, strict=True):
        squared = ((X - torch.from_numpy(centre)) ** 2).sum(dim=-1) / radius**2
        total = total + torch.log(-torch.expm1(-squared / 2) + 1e-30)
    return total
