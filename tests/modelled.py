"""A night whose latest trials were chosen by a model."""

from agents.bayesian.fitting import believe
from agents.bayesian.observations import observe
from agents.bayesian.recording import record
from agents.encoding import Encoding
from orchestrator.domain.history import History, history_of
from orchestrator.domain.records import Evidence
from orchestrator.domain.space import Space
from tests.builders import flux
from tests.night import Night, make_spec

AXES = ("mirror_pitch", "mirror_roll", "slit_centre")
POINTS = tuple(
    {"mirror_pitch": 2.7 + 0.6 * ((5 * k) % 9) / 8, "mirror_roll": -1.5 + 3.0 * ((2 * k) % 9) / 8, "slit_centre": -2.0 + k / 2}
    for k in range(9)
)


def history(night: Night) -> History:
    return history_of(night.state(), Space(parameters=night.spec.space))


def modelled(night: Night) -> Evidence:
    """Return evidence with a model fitted as the agent would."""
    known = history(night)
    encoding = Encoding.of(known.space)
    seen = observe(known, encoding)
    [belief] = believe(known, encoding, seen)
    return Evidence(reason="it looks promising", model=record(belief, encoding, seen.numbers))


def modelled_night(axes: tuple[str, ...] = AXES) -> Night:
    """Return a night of some axes: five trials without a model, then four with one."""
    night = Night(make_spec(axes)).begin()
    for number, point in enumerate(POINTS):
        night.whole_trial({name: point[name] for name in axes}, flux(point), modelled(night) if number >= 5 else None)
    return night
