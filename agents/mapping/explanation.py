"""Why this point: what is expected there, how much of the map's error it removes, and where the map is rough."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agents.bayesian.observations import Observations
from agents.encoding import Encoding
from agents.mapping.amplitude import Amplitude
from agents.mapping.field import Field
from agents.mapping.recall import Fields, record_all
from agents.mapping.view import Goal
from orchestrator.domain.base import Point
from orchestrator.domain.records import Acquisition, Evidence, Prediction, RunnerUp
from orchestrator.wording.numbers import show_number

_EVEN = 0.5
"""Weight below which roughness is not worth a mention."""
_WORTH_A_MENTION = 0.005
_SMALLEST = 1e-300
"""A reading that removes nothing still has a logarithm."""
_AIMS = {"map": "the map", "level-set": "the level set", "boundary": "the boundary"}


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen point and its runners-up, best first."""

    points: tuple[Point, ...]
    worths: np.ndarray
    """What ranked them, shape (points,)."""
    share: float
    """Of the map's whole expected squared error, what a reading at the chosen point removes."""
    roughness: float
    """The signal's local variance at the chosen point, over that at the median place."""


def explain(
    encoding: Encoding,
    observations: Observations,
    fields: Sequence[Field],
    choice: Choice,
    *,
    goal: Goal,
    error: float | None,
) -> Evidence:
    """Return the evidence for a decision."""
    predicted = _predictions(Fields(encoding, tuple(fields)), choice.points)
    worths = np.log(np.maximum(choice.worths, _SMALLEST))
    runners_up = tuple(
        RunnerUp(point=point, predicted=prediction, acquisition=float(worth))
        for point, prediction, worth in zip(choice.points[1:], predicted[1:], worths[1:], strict=True)
    )
    return Evidence(
        reason=_reason(fields, predicted[0], choice, goal, error),
        purpose=f"to remove {_gain(choice, goal, error)}",
        predicted=predicted[0],
        acquisition=Acquisition(name="integrated error reduction × error", value=float(worths[0]), is_log=True),
        runners_up=runners_up,
        model={**record_all(encoding, observations, fields), "goal": goal, "expected_error": error},
    )


def _predictions(fields: Fields, points: Sequence[Point]) -> list[dict[str, Prediction]]:
    by_name = fields.predict(points)
    scatter = {field.outcome.objective.name: _scatter(field) for field in fields.fields}
    return [
        {name: Prediction(mean=float(means[k]), sd=float(sds[k]), noise_sd=scatter[name]) for name, (means, sds) in by_name.items()}
        for k in range(len(points))
    ]


def _scatter(field: Field) -> float | None:
    """Return one measurement's own scatter as learned; None where the scores state it."""
    return None if field.outcome.sds is not None else field.fit.noise_sd * field.outcome.scaling.spread


def _reason(fields: Sequence[Field], predicted: dict[str, Prediction], choice: Choice, goal: Goal, error: float | None) -> str:
    expected = ", ".join(_expectation(field, predicted) for field in fields)
    return f"expected {expected}; removes {_gain(choice, goal, error)}; {_roughness(fields[0], choice)}"


def _gain(choice: Choice, goal: Goal, error: float | None) -> str:
    so_far = "" if error is None else f", now {error:.1%}"
    return f"{choice.share:.1%} of the squared error of {_AIMS[goal]}{so_far}"


def _expectation(field: Field, predicted: dict[str, Prediction]) -> str:
    objective = field.outcome.objective
    prediction = predicted[objective.name]
    return f"{objective.name} {show_number(prediction.mean, prediction.sd, objective.unit)}"


def _roughness(field: Field, choice: Choice) -> str:
    unevenness = field.amplitude.unevenness
    if unevenness < _EVEN:
        return "left-out points are missed alike everywhere, so points spread evenly"
    gain = max(smoothing.gain for smoothing in field.amplitude.smoothings)
    how = f"by up to {gain:.1f} in log likelihood, weight {unevenness:.0%}: {_told_by(field.amplitude)}"
    return f"left-out points say the map is unevenly rough ({how}), here {choice.roughness:.2g} times as much as at the median place"


def _told_by(amplitude: Amplitude) -> str:
    """Return by what the roughness is told: by where a place is, by its level, or by the two together."""
    weights = {"place": 0.0, "level": 0.0, "place and level": 0.0}
    for smoothing in amplitude.smoothings:
        weights["place" if smoothing.breadth is None else "level" if smoothing.reach is None else "place and level"] += smoothing.weight
    shares = {name: weight / amplitude.unevenness for name, weight in weights.items()}
    return ", ".join(f"{share:.0%} by {name}" for name, share in shares.items() if share >= _WORTH_A_MENTION)
