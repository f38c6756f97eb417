"""What every reward and analyser must do. For their authors: call ``check_reward`` or ``check_analyser``."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import numpy as np

from orchestrator.domain.errors import RewardError
from orchestrator.domain.protocols import Analyser, Reward
from orchestrator.domain.records import Objective, ObjectiveScore, Observation

MEASURED_AT = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)


def observation_of(
    readings: Mapping[str, float | None], *, sds: Mapping[str, float] | None = None, trial: int = 1, attempt: int = 1
) -> Observation:
    """Return an observation with these scalar readings, measured at x = 0."""
    return Observation(
        trial=trial,
        attempt=attempt,
        setpoint={"x": 0.0},
        readback={"x": 0.0},
        readings=readings,
        sds=sds or {},
        started_at=MEASURED_AT,
        finished_at=MEASURED_AT + timedelta(seconds=1),
    )


def check_reward(reward: Reward, observation: Observation, arrays: Mapping[str, np.ndarray]) -> None:
    """Assert everything Nightshift relies on.

    Args:
        reward: Freshly built.
        observation: One it can judge.
        arrays: Spectra and images it needs, by signal.
    """
    objective = reward.objective()
    assert Objective.model_validate_json(objective.model_dump_json()) == objective
    assert objective == reward.objective()
    assert set(reward.signals()) <= set(observation.readings) | set(arrays), f"{reward.signals()} are needed; give them to the check"
    check_scoring(reward, observation, arrays)
    check_missing_signals_are_named(reward, observation, arrays)


def check_scoring(reward: Reward, observation: Observation, arrays: Mapping[str, np.ndarray]) -> None:
    """Assert that equal observations get equal, finite scores, and that nothing given is altered."""
    before = observation.model_dump_json()
    kept = {name: array.copy() for name, array in arrays.items()}
    first, second = reward.score(observation, arrays), reward.score(observation, arrays)
    assert first == second, f"the same observation was scored {first} and {second}"
    assert observation.model_dump_json() == before, "the observation was altered"
    assert all(np.array_equal(kept[name], array) for name, array in arrays.items()), "an array was altered"
    assert (first is None) <= (reward.objective().later is not None), (
        "gave no score; a reward that answers later says so in objective().later"
    )
    if first is None:
        return
    assert ObjectiveScore.model_validate_json(first.model_dump_json()) == first
    assert math.isfinite(first.value)
    assert not first.parts or math.isclose(math.fsum(first.parts.values()), first.value, rel_tol=1e-9, abs_tol=1e-12)


def check_missing_signals_are_named(reward: Reward, observation: Observation, arrays: Mapping[str, np.ndarray]) -> None:
    """Assert that each signal it needs is named when it was not read."""
    for signal in reward.signals():
        fewer = observation.model_copy(update={"readings": {name: value for name, value in observation.readings.items() if name != signal}})
        refusal = None
        try:
            reward.score(fewer, {name: array for name, array in arrays.items() if name != signal})
        except RewardError as error:
            refusal = error
        assert refusal is not None, f"a reward was given without signal {signal!r}"
        assert signal in str(refusal), f"the refusal does not name {signal!r}: {refusal}"


def check_analyser(analyser: Analyser, raw: np.ndarray) -> None:
    """Assert that features are named finite numbers, the same every time, and that the array is left alone."""
    kept = raw.copy()
    first, second = analyser.features(raw), analyser.features(raw)
    assert first == second, f"the same array gave {first} and {second}"
    assert first, "no feature was found"
    assert all(isinstance(value, float) and math.isfinite(value) for value in first.values()), f"not finite floats: {first}"
    assert np.array_equal(kept, raw), "the array was altered"
