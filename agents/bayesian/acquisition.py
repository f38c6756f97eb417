"""The BoTorch side, for several objectives: models with given hyperparameters, and what ranks points.

This module imports torch; it is itself imported only when a decision between objectives is due.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from botorch.acquisition.logei import qLogNoisyExpectedImprovement
from botorch.acquisition.multi_objective import logei
from botorch.acquisition.objective import GenericMCObjective
from botorch.models import ModelListGP, SingleTaskGP
from botorch.sampling.normal import SobolQMCNormalSampler
from botorch.utils.multi_objective.hypervolume import infer_reference_point
from botorch.utils.multi_objective.pareto import is_non_dominated
from gpytorch.kernels import MaternKernel, ScaleKernel
from gpytorch.means import ConstantMean
from torch import Tensor

from agents.alone import keep_from_compiling
from agents.bayesian.factors import Factor
from agents.bayesian.process import Process
from agents.bayesian.search import Scale

_N_SAMPLES = 64
"""Joint draws of the objectives, over which the gain is averaged."""
_MAX_BASELINE = 64
"""Only this many of the measured points can be among the best."""
MOST_FOR_VOLUME = 3
"""With more objectives the dominated volume takes too long, and a random weighing of the objectives takes its place."""
_AUGMENTATION = 0.05
"""Share of the plain weighted sum in the Chebyshev scalarisation (Knowles, IEEE Trans. Evol. Comput. 10, 50 (2006))."""
_CHUNK = 1024

keep_from_compiling()


class JointImprovement:
    """Ranks points by the log of what measuring them is expected to add, times a factor."""

    scale: Scale = "log"

    def __init__(
        self,
        processes: Sequence[Process],
        pending: np.ndarray,
        *,
        factor: Factor,
        rng: np.random.Generator,
        among: np.ndarray | None = None,
    ) -> None:
        """Prepare the acquisition function.

        Args:
            processes: What is believed of each objective.
            pending: Shape (pending, columns).
            factor: What speaks for or against places besides.
            rng: Draws samples, and weights where there are many objectives.
            among: Which places may be among the best, shape (places,), boolean; all by default.
        """
        self._factor, self._n_places = factor, len(processes[0].places)
        model = ModelListGP(*(_model_of(process) for process in processes))
        means = np.column_stack([process.means_where_read() for process in processes])
        shared = {
            "model": model,
            "sampler": SobolQMCNormalSampler(torch.Size([_N_SAMPLES]), seed=int(rng.integers(2**31))),
            "X_pending": torch.from_numpy(pending) if len(pending) else None,
            "prune_baseline": False,
        }
        places = processes[0].places
        if among is not None:
            places, means = places[among], means[among]
        self._function, self.name = (
            _volume(shared, places, means) if len(processes) <= MOST_FOR_VOLUME else _weighed(shared, places, means, rng)
        )

    @property
    def n_places(self) -> int:
        """Return how many points each comparison involves."""
        return self._n_places

    def of_cube(self, cube: np.ndarray) -> np.ndarray:
        """Return the log acquisition of points of shape (points, columns), shape (points,)."""
        with torch.no_grad():
            chunks = torch.from_numpy(cube).unsqueeze(-2).split(_CHUNK)
            values = torch.cat([self._function(chunk) for chunk in chunks]).numpy()
        return values + self._factor.log_factor(cube)[0]

    def value_and_gradient(self, cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the log acquisition, shape (points,), and its gradient, shape (points, columns)."""
        X = torch.from_numpy(cube).requires_grad_(True)
        values = self._function(X.unsqueeze(-2))
        (gradient,) = torch.autograd.grad(values.sum(), X)
        away, its_gradient = self._factor.log_factor(cube)
        return values.detach().numpy() + away, gradient.numpy() + its_gradient


def _volume(shared: dict[str, Any], places: np.ndarray, means: np.ndarray) -> tuple[Any, str]:
    """Rank by dominated volume (Daulton, Balandat and Bakshy, NeurIPS 2021; logarithmic: Ament et al., NeurIPS 2023)."""
    believed = torch.from_numpy(means)
    front = believed[is_non_dominated(believed)]
    function = logei.qLogNoisyExpectedHypervolumeImprovement(
        ref_point=infer_reference_point(front, scale=0.1),
        X_baseline=torch.from_numpy(_baseline(places, is_non_dominated(believed).numpy(), means.sum(axis=1))),
        **shared,
    )
    return function, "noisy expected hypervolume improvement"


def _weighed(shared: dict[str, Any], places: np.ndarray, means: np.ndarray, rng: np.random.Generator) -> tuple[Any, str]:
    """Rank by one random weighing, another for each decision (ParEGO: Knowles 2006)."""
    weights = torch.from_numpy(rng.dirichlet(np.ones(means.shape[1])))
    worth = scalarised(torch.from_numpy(means), weights).numpy()
    function = qLogNoisyExpectedImprovement(
        X_baseline=torch.from_numpy(_baseline(places, np.zeros(len(places), dtype=bool), worth)),
        objective=GenericMCObjective(lambda samples, X=None: scalarised(samples, weights)),
        **shared,
    )
    return function, f"noisy expected improvement of one weighing, {', '.join(f'{weight:.2f}' for weight in weights)}"


def _baseline(places: np.ndarray, is_best: np.ndarray, worth: np.ndarray) -> np.ndarray:
    """Return the distinct measured points that may be among the best, the certain ones first."""
    order = np.lexsort((-worth, ~is_best))
    _distinct, first = np.unique(places[order], axis=0, return_index=True)
    return places[order[np.sort(first)[:_MAX_BASELINE]]]


def scalarised(samples: Tensor, weights: Tensor) -> Tensor:
    """Return the augmented Chebyshev scalarisation of standardised objectives, last axis (objectives) removed."""
    weighted = samples * weights
    return weighted.amin(dim=-1) + _AUGMENTATION * weighted.sum(dim=-1)


def _model_of(process: Process) -> SingleTaskGP:
    hyperparameters = process.hyperparameters
    kernel = ScaleKernel(MaternKernel(nu=2.5, ard_num_dims=len(process.groups)))
    kernel.base_kernel.lengthscale = torch.from_numpy(hyperparameters.lengthscales[process.groups])
    kernel.outputscale = torch.tensor(hyperparameters.outputscale)
    mean = ConstantMean()
    mean.initialize(constant=hyperparameters.mean)
    model = SingleTaskGP(
        torch.from_numpy(process.places),
        torch.from_numpy(process.values).unsqueeze(-1),
        torch.from_numpy(process.variances).unsqueeze(-1),
        covar_module=kernel.double(),
        mean_module=mean.double(),
        outcome_transform=None,
    )
    return model.eval().requires_grad_(False)
