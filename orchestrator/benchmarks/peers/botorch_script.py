"""BoTorch as its "Getting started" has it: SingleTaskGP, LogEI, optimize_acqf with 5 restarts and 20 raw samples.

Pools go to optimize_acqf_discrete, categories to MixedSingleTaskGP, two objectives to qLogNEHVI, as in its tutorials.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from agents.encoding import Encoding
from agents.rows import constraint_on_rows, point_of, rows_of
from orchestrator.benchmarks.peers.fitting_in import MEMBERS, Untried, kept, seed_all, values_upward
from orchestrator.benchmarks.tasks import Goal
from orchestrator.domain.base import Point
from orchestrator.domain.space import Categorical, Integer, Space

POOL = MEMBERS
_SEARCH: Mapping[str, Any] = {"q": 1, "num_restarts": 5, "raw_samples": 20}


def refusal(space: Space, objectives: Mapping[str, Goal]) -> str:
    return ""


def make(space: Space, objectives: Mapping[str, Goal], seed: int, reference: tuple[float, float] | None) -> "BotorchScript":
    return BotorchScript(space, objectives, seed, reference)


class BotorchScript:
    """The usual loop: fit a new model to all data, optimise the acquisition function."""

    def __init__(self, space: Space, objectives: Mapping[str, Goal], seed: int, reference: tuple[float, float] | None) -> None:
        seed_all(seed)
        self._space, self._goals, self._reference = space, objectives, reference
        self._untried = None if space.candidates is None else Untried(space)
        self._rows: list[np.ndarray] = []
        self._values: list[list[float]] = []

    def ask(self) -> Point:
        import torch

        inputs, outcomes = (torch.tensor(np.array(each), dtype=torch.double) for each in (self._rows, self._values))
        model = self._fitted(inputs, outcomes)
        best = self._search(self._acquisition(model, inputs, outcomes))
        return kept(self._space, point_of(self._space, best.squeeze(0).numpy()))

    def tell(self, point: Point, values: Mapping[str, float]) -> None:
        self._rows.append(rows_of(self._space, [point])[0])
        self._values.append(values_upward(values, self._goals))
        if self._untried is not None:
            self._untried.tried(point)

    def _fitted(self, inputs: Any, outcomes: Any) -> Any:
        from botorch.fit import fit_gpytorch_mll
        from botorch.models import MixedSingleTaskGP, ModelListGP, SingleTaskGP
        from botorch.models.transforms import Normalize
        from gpytorch.mlls import ExactMarginalLogLikelihood, SumMarginalLogLikelihood

        categories = self._indices(Categorical)
        numbers = [index for index in range(inputs.shape[1]) if index not in categories]
        normalised = Normalize(d=inputs.shape[1], indices=numbers, bounds=self._bounds()[:, numbers])
        each = [outcomes[:, index : index + 1] for index in range(outcomes.shape[1])]
        if categories:
            models = [MixedSingleTaskGP(inputs, one, cat_dims=categories, input_transform=normalised) for one in each]
        else:
            models = [SingleTaskGP(inputs, one, input_transform=normalised) for one in each]
        if len(models) == 1:
            fit_gpytorch_mll(ExactMarginalLogLikelihood(models[0].likelihood, models[0]))
            return models[0]
        several = ModelListGP(*models)
        fit_gpytorch_mll(SumMarginalLogLikelihood(several.likelihood, several))
        return several

    def _acquisition(self, model: Any, inputs: Any, outcomes: Any) -> Any:
        from botorch.acquisition import LogExpectedImprovement
        from botorch.acquisition.multi_objective.logei import qLogNoisyExpectedHypervolumeImprovement

        if self._reference is None:
            return LogExpectedImprovement(model=model, best_f=outcomes.max())
        corner = values_upward(dict(zip(self._goals, self._reference, strict=True)), self._goals)
        return qLogNoisyExpectedHypervolumeImprovement(model=model, ref_point=corner, X_baseline=inputs, prune_baseline=True)

    def _search(self, acquisition: Any) -> Any:
        import torch
        from botorch.optim import optimize_acqf, optimize_acqf_discrete, optimize_acqf_mixed_alternating

        if self._untried is not None:
            choices = torch.tensor(rows_of(self._space, self._untried.open_points()), dtype=torch.double)
            return optimize_acqf_discrete(acquisition, q=1, choices=choices)[0]
        whole, categories = (_all_values(self._space, kind) for kind in (Integer, Categorical))
        if whole or categories:
            found = optimize_acqf_mixed_alternating(acquisition, self._bounds(), discrete_dims=whole, cat_dims=categories, **_SEARCH)
            return found[0]
        return optimize_acqf(acquisition, bounds=self._bounds(), inequality_constraints=self._inequalities() or None, **_SEARCH)[0]

    def _bounds(self) -> Any:
        """Return limits by parameter, shape (2, parameters); a category's are its first and last index."""
        import torch

        encoding, categories = Encoding.of(self._space), _all_values(self._space, Categorical)
        high = encoding.low + encoding.span
        for index, values in categories.items():
            high[index] = values[-1]
        return torch.tensor(np.array([encoding.low, high]), dtype=torch.double)

    def _inequalities(self) -> list[tuple[Any, Any, float]]:
        """Return constraints as BoTorch writes them: at least so much."""
        import torch

        made: list[tuple[Any, Any, float]] = []
        indices = torch.arange(len(self._space.parameters))
        for constraint in self._space.constraints:
            each, lower, upper = constraint_on_rows(self._space, constraint)
            weights = torch.tensor(each, dtype=torch.double)
            made += [] if lower == -np.inf else [(indices, weights, lower)]
            made += [] if upper == np.inf else [(indices, -weights, -upper)]
        return made

    def _indices(self, kind: type) -> list[int]:
        return [index for index, parameter in enumerate(self._space.parameters.values()) if isinstance(parameter, kind)]


def _all_values(space: Space, kind: type) -> dict[int, list[float]]:
    """Return every number a discrete parameter of a kind can take, by the parameter's place."""
    from agents.rows import choices

    parameters = enumerate(space.parameters.values())
    return {index: list(choices(each)) for index, each in parameters if isinstance(each, kind)}  # type: ignore[arg-type]
