"""One decision by BoTorch's defaults. Imports torch."""

from typing import Any

import numpy as np
import torch
from botorch.acquisition import LogExpectedImprovement, qLogExpectedImprovement
from botorch.acquisition.multi_objective import logei
from botorch.fit import fit_gpytorch_mll
from botorch.models import SingleTaskGP
from botorch.utils.multi_objective.hypervolume import infer_reference_point
from botorch.utils.multi_objective.pareto import is_non_dominated
from gpytorch.mlls import ExactMarginalLogLikelihood
from torch import Tensor

from agents.alone import keep_from_compiling, torch_alone
from agents.bayesian.observations import Observations
from agents.bayesian.search import Ranked, best_of
from agents.botorch_default.climb import climbed
from agents.encoding import Encoding
from agents.listing import points_left
from agents.past import first_new
from agents.random import random_point
from agents.rows import with_proper_types
from agents.telling import expectations, predictions, runners_up
from orchestrator.domain.history import History
from orchestrator.domain.records import Acquisition, Evidence, Suggestion
from orchestrator.domain.space import Space

_CHUNK = 2048

keep_from_compiling()


class Fitted:
    """BoTorch's default model of the outcomes, and its default judgement of points."""

    def __init__(self, observations: Observations, iterations: int | None) -> None:
        X, Y = torch.from_numpy(observations.cube), torch.from_numpy(np.column_stack([each.values for each in observations.outcomes]))
        self.model = SingleTaskGP(X, Y, _variances(observations))
        limits: Any = {} if iterations is None else {"optimizer_kwargs": {"options": {"maxiter": iterations}}}
        fit_gpytorch_mll(ExactMarginalLogLikelihood(self.model.likelihood, self.model), **limits)
        pending = torch.from_numpy(observations.pending) if len(observations.pending) else None
        self.function: Any = _improvement(self.model, X, Y, pending)
        self.name = type(self.function).__name__

    def of_cube(self, cube: np.ndarray) -> np.ndarray:
        """Return the acquisition of points of shape (points, columns), shape (points,)."""
        with torch.no_grad():
            return torch.cat([self.function(chunk.unsqueeze(-2)) for chunk in torch.from_numpy(cube).split(_CHUNK)]).numpy()

    def predict(self, cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return standardised means and sds, noise apart, each of shape (points, objectives)."""
        with torch.no_grad():
            posterior: Any = self.model.posterior(torch.from_numpy(cube))
            return posterior.mean.numpy(), posterior.variance.clamp_min(0.0).sqrt().numpy()


def decide(
    history: History, encoding: Encoding, observations: Observations, *, restarts: int, raw_samples: int, iterations: int | None
) -> Suggestion:
    """Return the point that BoTorch's defaults choose, by as many climbs from as many drawn points, of at most so many steps.

    Raises:
        AgentError: If no point is left.
    """
    with torch_alone():
        rng = history.rng()
        torch.manual_seed(int(rng.integers(2**31)))
        fitted = Fitted(observations, iterations)
        left = points_left(history)
        if left is None:
            limits = {} if iterations is None else {"maxiter": iterations}
            best = climbed(fitted.function, encoding, rng, num_restarts=restarts, raw_samples=raw_samples, options=limits)
            left = [first_new(history, best) or random_point(history, rng)]
        ranked = best_of(encoding, left, fitted)
        evidence = _evidence(encoding.space, observations, fitted, ranked)
    return Suggestion(point=with_proper_types(history.space, ranked.points[0]), evidence=evidence)


def _variances(observations: Observations) -> Tensor | None:
    """Return the scores' own variances, shape (trials, objectives), if all state them; else BoTorch learns the noise."""
    stated = [outcome.variances for outcome in observations.outcomes if outcome.sds is not None]
    return torch.from_numpy(np.column_stack(stated)) if len(stated) == len(observations.outcomes) else None


def _improvement(model: SingleTaskGP, X: Tensor, Y: Tensor, pending: Tensor | None) -> Any:
    if Y.shape[-1] > 1:
        return logei.qLogNoisyExpectedHypervolumeImprovement(
            model, ref_point=infer_reference_point(Y[is_non_dominated(Y)]), X_baseline=X, X_pending=pending, prune_baseline=True
        )
    if pending is not None:
        return qLogExpectedImprovement(model, best_f=Y.max(), X_pending=pending)
    return LogExpectedImprovement(model, best_f=Y.max())


def _evidence(space: Space, observations: Observations, fitted: Fitted, ranked: Ranked) -> Evidence:
    outcomes = observations.outcomes
    predicted = predictions(outcomes, *fitted.predict(ranked.cube))
    return Evidence(
        reason=f"expected {expectations(outcomes, predicted[0])}, by BoTorch's defaults",
        predicted=predicted[0],
        acquisition=Acquisition(name=fitted.name, value=float(ranked.values[0]), is_log=True),
        runners_up=runners_up(space, ranked, predicted),
        model={"objective": outcomes[0].objective.name, "n_train": observations.n},
    )
