"""Why this point: predictions in the objective's unit, what spoke for it, and what nearly won. Works on plain arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from agents.bayesian.belief import Belief
from agents.bayesian.honesty import Excess, excess, widened
from agents.bayesian.observations import Observations, Outcome
from agents.bayesian.process import Process
from agents.bayesian.reasons import reason
from agents.bayesian.recording import joined, record
from agents.bayesian.scaling import Scaling
from agents.bayesian.search import Criterion, Ranked
from agents.encoding import Encoding
from agents.rows import choices, n_choices, rows_of
from agents.telling import runners_up
from orchestrator.domain.base import Point
from orchestrator.domain.history import History
from orchestrator.domain.records import Acquisition, BelievedBest, Evidence, Prediction
from orchestrator.domain.space import Continuous, Integer, Parameter

_N_ALONG = 5
"""Positions along each parameter at which the model is asked how sure it is."""


def explain(
    history: History,
    encoding: Encoding,
    observations: Observations,
    beliefs: Sequence[Belief],
    ranked: Ranked,
    *,
    ranked_by: Criterion,
    model: Mapping[str, Any] | None = None,
    kept: np.ndarray | None = None,
) -> Evidence:
    """Return the evidence for a decision.

    Args:
        history: Whose earlier predictions tell how wide these are said to be.
        encoding: Of the space.
        observations: What the model learned from.
        beliefs: One per objective.
        ranked: The chosen point and its runners-up.
        ranked_by: What ranked them.
        model: What else is worth recording about the model.
        kept: Which readings keep the limits, shape (readings,), boolean; all by default.
    """
    kept = np.ones(observations.n, dtype=bool) if kept is None else kept
    outcomes = [belief.outcome for belief in beliefs]
    expected = _expected(history, encoding, observations, beliefs, ranked.points[0], ranked.cube, kept)
    first, best = expected.predicted[0], expected.best
    ranked = replace(ranked, values=_worths(outcomes, ranked_by, ranked.values))
    return Evidence(
        reason=reason(
            encoding,
            observations,
            beliefs,
            first,
            kept=kept,
            believed=None if best is None or observations.exposures is None else best.mean,
            direction=expected.direction,
            excesses=expected.excesses,
        ),
        predicted=first,
        believed_best=best,
        acquisition=Acquisition(
            name=ranked_by.name,
            value=float(ranked.values[0]),
            is_log=ranked_by.scale == "log",
            unit=outcomes[0].objective.unit if len(outcomes) == 1 and ranked_by.scale != "plain" else "",
            parts={} if best is None else _improvement_parts(outcomes[0], best.mean, first[outcomes[0].objective.name]),
        ),
        runners_up=runners_up(encoding.space, ranked, expected.predicted),
        model={**_model_record(encoding, observations, beliefs, expected.excesses), **(model or {})},
    )


@dataclass(frozen=True, slots=True)
class _Expected:
    """What the model expects at the ranked points and elsewhere, as it is said."""

    predicted: Sequence[Mapping[str, Prediction]]
    """By ranked point and objective."""
    best: BelievedBest | None
    direction: str
    """The parameter along which the chosen point's prediction is least certain."""
    excesses: Sequence[Excess]
    """By how much predictions are widened, one per objective."""


def _expected(
    history: History,
    encoding: Encoding,
    observations: Observations,
    beliefs: Sequence[Belief],
    chosen: Point,
    cube: np.ndarray,
    kept: np.ndarray,
) -> _Expected:
    """Ask the model once for all that is told: the ranked points, positions along every parameter, and the best measured place."""
    outcomes, processes = [belief.outcome for belief in beliefs], [belief.process for belief in beliefs]
    along, owners = _rows_along(encoding, chosen)
    best_places = _best_place(processes[0], observations, kept) if len(outcomes) == 1 and kept.any() else cube[:0]
    excesses = [_excess(history, observations, outcome) for outcome in outcomes]
    means, own_sds = predict_all(processes, np.vstack([cube, encoding.of_rows(along), best_places]))
    widths = zip(processes, outcomes, own_sds.T, (each.factor for each in excesses), strict=True)
    sds = np.column_stack([widened(*each) for each in widths])
    n, n_along = len(cube), len(along)
    return _Expected(
        predicted=_by_point(beliefs, means[:n], sds[:n]),
        best=_believed_best(outcomes[0], observations, best_places[0], means[-1:, 0], sds[-1:, 0]) if len(best_places) else None,
        direction=_least_certain_direction(encoding, owners, sds[n : n + n_along].sum(axis=1)),
        excesses=excesses,
    )


def _by_point(beliefs: Sequence[Belief], means: np.ndarray, sds: np.ndarray) -> list[dict[str, Prediction]]:
    """Return predictions by objective for each point, of standardised means and sds, each of shape (points, objectives)."""
    noise_sds = [None if belief.outcome.sds is not None else belief.fit.noise_sd for belief in beliefs]
    columns = [
        _predictions(belief.outcome.scaling, mean, sd, noise_sd)
        for belief, mean, sd, noise_sd in zip(beliefs, means.T, sds.T, noise_sds, strict=True)
    ]
    names = [belief.outcome.objective.name for belief in beliefs]
    return [dict(zip(names, each, strict=True)) for each in zip(*columns, strict=True)]


def _worths(outcomes: Sequence[Outcome], ranked_by: Criterion, values: np.ndarray) -> np.ndarray:
    """Return what points are worth as it is recorded, shape (points,): a score in the objective's unit."""
    return outcomes[0].scaling.in_unit(values) if ranked_by.scale == "score" else values


def predict_all(processes: Sequence[Process], cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return standardised means and sds of the objectives themselves (noise apart), each of shape (points, objectives)."""
    means, sds = zip(*(process.predict(cube) for process in processes), strict=True)
    return np.column_stack(means), np.column_stack(sds)


def _rows_along(encoding: Encoding, point: Point) -> tuple[np.ndarray, np.ndarray]:
    """Return rows along the whole range of each parameter, the others as in the point, and the parameter each is along, by its index."""
    each = [_along(parameter, encoding, index) for index, parameter in enumerate(encoding.space.parameters.values())]
    owners = np.repeat(np.arange(len(each)), [len(numbers) for numbers in each])
    rows = np.repeat(rows_of(encoding.space, [point]), len(owners), axis=0)
    rows[np.arange(len(owners)), owners] = np.concatenate(each)
    return rows, owners


def _least_certain_direction(encoding: Encoding, owners: np.ndarray, sds: np.ndarray) -> str:
    """Return the parameter along which the prediction is least certain on average.

    Args:
        encoding: Of the space.
        owners: The parameter each point is along, by its index, shape (points,).
        sds: Of all objectives together there, shape (points,).
    """
    means = np.bincount(owners, sds) / np.bincount(owners)
    return encoding.space.names[int(np.argmax(means))]


def _along(parameter: Parameter, encoding: Encoding, index: int) -> np.ndarray:
    """Return values spread over one parameter's range."""
    if isinstance(parameter, Continuous):
        return encoding.low[index] + np.linspace(0.0, 1.0, _N_ALONG) * encoding.span[index]
    places = np.unique(np.linspace(0, n_choices(parameter) - 1, _N_ALONG).round())
    if isinstance(parameter, Integer):  # a range may hold too many to write down
        return parameter.limits[0] + places
    return np.asarray(choices(parameter))[places.astype(int)]


def _predictions(scaling: Scaling, means: np.ndarray, sds: np.ndarray, noise_sd: float | None) -> list[Prediction]:
    """Return what is expected at points, in the objective's unit, of standardised means and sds of shape (points,)."""
    middles, half_widths = scaling.interval(means, sds)
    scatters = None if noise_sd is None else scaling.interval(means, np.full(len(means), noise_sd))[1]
    return [
        Prediction(mean=float(middle), sd=float(half_width), noise_sd=None if scatters is None else float(scatters[index]))
        for index, (middle, half_width) in enumerate(zip(middles, half_widths, strict=True))
    ]


def _best_place(process: Process, observations: Observations, kept: np.ndarray) -> np.ndarray:
    """Return the place the model believes best of those measured that keep the limits, shape (1, columns)."""
    if kept.all():
        return process.places[[int(np.argmax(process.means_where_read()))]]
    places = observations.cube[kept]
    return places[[int(np.argmax(process.predict(places)[0]))]]


def _believed_best(outcome: Outcome, observations: Observations, place: np.ndarray, mean: np.ndarray, sd: np.ndarray) -> BelievedBest:
    """Return the best place of shape (columns,) by a trial that measured there, of a standardised mean and sd of shape (1,)."""
    nearest = int(np.argmin(((observations.cube - place) ** 2).sum(axis=1)))
    middle, half_width = outcome.scaling.interval(mean, sd)
    return BelievedBest(trial=int(observations.numbers[nearest]), mean=float(middle[0]), sd=float(half_width[0]))


def _improvement_parts(outcome: Outcome, best: float, predicted: Prediction) -> dict[str, float]:
    """Split expected improvement over the best point as the model sees it, in the objective's unit.

    The two parts, promise (mean − best)·Φ(z) and ignorance sd·φ(z) with z = (mean − best) / sd, add up to it
    (Jones, Schonlau and Welch, J. Global Optimization 13, 455 (1998), eq. 15).
    """
    from scipy.special import ndtr

    gain = outcome.scaling.sign * (predicted.mean - best)
    z = gain / predicted.sd if predicted.sd > 0 else 0.0
    return {"exploit": gain * float(ndtr(z)), "explore": predicted.sd * float(np.exp(-z * z / 2) / np.sqrt(2 * np.pi))}


def _model_record(encoding: Encoding, observations: Observations, beliefs: Sequence[Belief], excesses: Sequence[Excess]) -> dict[str, Any]:
    records = [record(belief, encoding, observations.numbers) for belief in beliefs]
    return joined([{**each, "excess": more.factor} for each, more in zip(records, excesses, strict=True)])


def _excess(history: History, observations: Observations, outcome: Outcome) -> Excess:
    doubted = {int(number) for number, is_doubted in zip(observations.numbers, outcome.is_doubted, strict=True) if is_doubted}
    return excess(history, outcome.objective, doubted)
