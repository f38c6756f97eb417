"""What a campaign found, in the last lines of a run."""

from orchestrator.domain.instrument import InstrumentDescription
from orchestrator.domain.records import BelievedBest, Evidence
from orchestrator.queries.closing import closing_lines
from tests.builders import BEAM_SIZE, FLUX, campaign_events
from tests.night import Night, make_instrument, make_spec


def _night(instrument: InstrumentDescription | None = None) -> Night:
    night = Night(make_spec(("mirror_pitch",)), instrument=instrument).begin()
    night.whole_trial({"mirror_pitch": 3.0}, 50.0)
    night.whole_trial({"mirror_pitch": 3.1}, 40.0)
    return night


def test_the_best_is_named_with_its_objective_unit_and_trial_as_show_does():
    assert closing_lines(_night().finish().state()) == ("best   flux = 50 nA at mirror_pitch = 3 mrad (trial 1)",)


def test_a_model_that_believes_another_trial_better_says_so():
    night = _night()
    night.whole_trial({"mirror_pitch": 3.05}, 45.0, Evidence(believed_best=BelievedBest(trial=2, mean=49.0, sd=1.0)))
    assert closing_lines(night.state())[0].endswith("(trial 1); the model believes trial 2 better, 49.0 ± 1.0 nA")


def test_where_the_axes_stand_is_told_of_an_instrument_that_outlives_the_run():
    outlives = make_instrument(("mirror_pitch",)).model_copy(update={"has_second_connection": True})
    [_, axes] = closing_lines(_night(outlives).finish().state())
    assert axes == "axes   mirror_pitch = 3.10003 mrad, where trial 2 left them"
    assert len(closing_lines(_night(outlives).state())) == 1, "a run that did not complete has put its safe state in force"


def test_of_several_objectives_each_is_named_and_the_front_counted():
    events = campaign_events(8, objectives=(FLUX, BEAM_SIZE))
    night = Night(make_spec(), (FLUX, BEAM_SIZE), drafts=list(events))  # type: ignore[arg-type]
    best, front = closing_lines(night.state())
    assert best.startswith("best   flux = ")
    assert ", beam_size = " in best.partition(" at ")[0]
    assert front.startswith("front  ")


def test_nothing_is_said_before_a_score():
    assert closing_lines(Night().begin().state()) == ()
