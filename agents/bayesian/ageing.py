"""What becomes of a reading with age: nothing, or it is off by a drift since, or it no longer says much.

Age is counted in trials. An instrument's offset that wanders is shared by all readings of one time, wherever they were
taken. Where the thing itself changes, a reading's covariance with the present decays (Bogunovic, Scarlett and Cevher,
AISTATS 2016).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Protocol

import numpy as np

_SQRT3 = 3.0**0.5


class Ageing(Protocol):
    """How covariances change with age. Its parameters enter a fit by their logs."""

    name: ClassVar[str]
    prior: ClassVar[tuple[tuple[float, float], ...]]
    """Median and sd of the logarithm of each parameter."""
    limits: ClassVar[tuple[tuple[float, float], ...]]

    @property
    def variance(self) -> float:
        """Return what is added to the signal's own variance."""
        ...

    def as_log(self) -> np.ndarray:
        """Return the logs of the parameters, shape (parameters,)."""
        ...

    def aged(self, covariance: np.ndarray, ages: np.ndarray) -> np.ndarray:
        """Return covariances between things whose ages differ by so many trials; ``ages`` broadcasts."""
        ...

    def share(self, ages: np.ndarray) -> np.ndarray | float:
        """Return the share of the covariance between places that is left at an age."""
        ...

    def slopes(self, covariance: np.ndarray, ages: np.ndarray) -> list[np.ndarray]:
        """Return the derivatives of ``aged`` by the log of each parameter."""
        ...


@dataclass(frozen=True, slots=True)
class Steady:
    """Nothing becomes of it."""

    name: ClassVar[str] = "steady"
    prior: ClassVar[tuple[tuple[float, float], ...]] = ()
    limits: ClassVar[tuple[tuple[float, float], ...]] = ()

    @property
    def variance(self) -> float:
        return 0.0

    def as_log(self) -> np.ndarray:
        return np.empty(0)

    def aged(self, covariance: np.ndarray, ages: np.ndarray) -> np.ndarray:
        return covariance

    def share(self, ages: np.ndarray) -> np.ndarray | float:
        return 1.0

    def slopes(self, covariance: np.ndarray, ages: np.ndarray) -> list[np.ndarray]:
        return []


@dataclass(frozen=True, slots=True)
class Drifting:
    """An offset wanders smoothly: a Matérn-3/2 process of time."""

    offset: float
    """Its variance, standardised."""
    pace: float
    """Trials in which it changes."""

    name: ClassVar[str] = "drifting"
    prior: ClassVar[tuple[tuple[float, float], ...]] = ((0.3, 1.5), (50.0, 1.0))
    limits: ClassVar[tuple[tuple[float, float], ...]] = ((1e-4, 20.0), (3.0, 3000.0))

    @property
    def variance(self) -> float:
        return self.offset

    def as_log(self) -> np.ndarray:
        return np.log([self.offset, self.pace])

    def aged(self, covariance: np.ndarray, ages: np.ndarray) -> np.ndarray:
        scaled = _SQRT3 * np.abs(ages) / self.pace
        return covariance + self.offset * (1.0 + scaled) * np.exp(-scaled)

    def share(self, ages: np.ndarray) -> np.ndarray | float:
        return 1.0

    def slopes(self, covariance: np.ndarray, ages: np.ndarray) -> list[np.ndarray]:
        scaled = _SQRT3 * np.abs(ages) / self.pace
        decay = self.offset * np.exp(-scaled)
        return [decay * (1.0 + scaled), decay * scaled**2]


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What is looked for moves or changes: covariances decay exponentially."""

    memory: float
    """Trials after which a reading says 1/e of what it said."""

    name: ClassVar[str] = "forgetting"
    prior: ClassVar[tuple[tuple[float, float], ...]] = ((100.0, 1.5),)
    limits: ClassVar[tuple[tuple[float, float], ...]] = ((3.0, 3000.0),)

    @property
    def variance(self) -> float:
        return 0.0

    def as_log(self) -> np.ndarray:
        return np.log([self.memory])

    def aged(self, covariance: np.ndarray, ages: np.ndarray) -> np.ndarray:
        return covariance * self.share(ages)

    def share(self, ages: np.ndarray) -> np.ndarray | float:
        return np.exp(-np.abs(ages) / self.memory)

    def slopes(self, covariance: np.ndarray, ages: np.ndarray) -> list[np.ndarray]:
        return [self.aged(covariance, ages) * np.abs(ages) / self.memory]


Kind = type[Steady] | type[Drifting] | type[Forgetting]
KINDS: tuple[Kind, ...] = (Steady, Drifting, Forgetting)


def kind_of(ageing: Ageing) -> Kind:
    [kind] = [each for each in KINDS if isinstance(ageing, each)]
    return kind


def as_record(ageing: Ageing) -> dict[str, Any]:
    """Return it as JSON."""
    return {"type": ageing.name, **{field.name: getattr(ageing, field.name) for field in fields(kind_of(ageing))}}


def from_record(record: Mapping[str, Any] | None) -> Ageing:
    """Return what was recorded; steady where nothing was."""
    if record is None:
        return Steady()
    [kind] = [each for each in KINDS if each.name == record["type"]]
    return kind(**{name: float(value) for name, value in record.items() if name != "type"})
