"""What is said and recorded of an exposure that was chosen."""

from collections.abc import Mapping

import numpy as np

from agents.bayesian.belief import Belief
from agents.bayesian.exposed import Exposed, whole_point
from agents.bayesian.exposure import Exposure
from agents.bayesian.search import Ranked
from agents.encoding import Encoding
from orchestrator.domain.records import Evidence, Prediction, Suggestion

_SHORT, _LONG = 1 / 3, 2 / 3
"""Share of the range, in logarithms, up to which a look is called short, and from which it is called long."""


def with_exposures(
    history: Exposed, encoding: Encoding, belief: Belief, exposure: Exposure, ranked: Ranked, evidence: Evidence
) -> Suggestion:
    """Return the chosen point and its runners-up with their exposures, and why.

    Args:
        history: With the exposure left out.
        encoding: Of the space without it.
        belief: What is believed of the objective.
        exposure: What chose it.
        ranked: The points.
        evidence: Of the choice between them.
    """
    chosen = exposure.best(ranked.cube)
    points = [whole_point(history, point, float(each)) for point, each in zip(ranked.points, chosen, strict=True)]
    scatters = _in_unit(belief, exposure, ranked, exposure.sds(ranked.cube, chosen))
    seconds = float(exposure.away.seconds(ranked.cube[:1])[0]) + exposure.away.per_exposure * float(chosen[0])
    words = _words(history, float(chosen[0]), float(scatters[0]), evidence, belief)
    runners_up = tuple(
        other.model_copy(update={"point": point, "predicted": _predicted(other.predicted, belief, float(scatter))})
        for other, point, scatter in zip(evidence.runners_up, points[1:], scatters[1:], strict=True)
    )
    record = {"travel": exposure.away.as_record(encoding), "exposure": _record(history, exposure, ranked, chosen)}
    told = evidence.model_copy(
        update={
            "reason": f"{evidence.reason}; {words}; takes about {seconds:.2g} s with the way there",
            "predicted": _predicted(evidence.predicted, belief, float(scatters[0])),
            "runners_up": runners_up,
            "model": {**evidence.model, **record},
        }
    )
    return Suggestion(point=points[0], evidence=told)


def _words(history: Exposed, chosen: float, scatter: float, evidence: Evidence, belief: Belief) -> str:
    """Return a clause such as "0.4 s: a short look, in which a reading scatters by 3.1 % where the value is known to 12 %"."""
    low, high = np.log(history.parameter_range)
    share = (np.log(chosen) - low) / (high - low) if high > low else 0.5
    length = "a short look" if share <= _SHORT else "a long look" if share >= _LONG else "a look of middle length"
    own, unit = (f" {each}" if each else "" for each in (history.parameter.unit, belief.outcome.objective.unit))
    known = evidence.predicted[belief.outcome.objective.name].sd
    return f"{chosen:g}{own}: {length}, in which a reading scatters by {scatter:.2g}{unit} where the value is known to {known:.2g}{unit}"


def _in_unit(belief: Belief, exposure: Exposure, ranked: Ranked, sds: np.ndarray) -> np.ndarray:
    """Return half the width of the central 68 % of readings around what is expected, in the objective's unit, shape (points,)."""
    means = exposure.process.predict(ranked.cube)[0]
    return belief.outcome.scaling.interval(means, sds)[1]


def _predicted(predicted: Mapping[str, Prediction], belief: Belief, scatter: float) -> Mapping[str, Prediction]:
    """Return predictions with what a reading so exposed scatters by, unless scores say that of themselves."""
    if belief.outcome.sds is not None:
        return predicted
    return {name: each.model_copy(update={"noise_sd": scatter}) for name, each in predicted.items()}


def _record(history: Exposed, exposure: Exposure, ranked: Ranked, chosen: np.ndarray) -> dict[str, object]:
    """Return as JSON what was expected at the chosen point; variances are standardised, near the mean expected there."""
    floor, counting = exposure.scatter.parts(exposure.process.predict(ranked.cube[:1])[0])
    return {
        "parameter": history.exposure,
        "chosen": float(chosen[0]),
        "variance_floor": float(floor[0]),
        "variance_times_exposure": float(counting[0]),
        "seconds_per_exposure": exposure.away.per_exposure,
    }
