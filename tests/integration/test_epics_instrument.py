"""The epics instrument against the soft IOC, over real Channel Access."""

import gc
import threading
import weakref
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from instruments.epics import EpicsInstrument, EpicsSettings
from instruments.journal import read_journal
from instruments.simulated.axes import AXES, best_positions
from instruments.simulated.companion import SoftIoc
from orchestrator import plugins
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.instrument import MeasureRequest
from orchestrator.domain.records import Breach
from orchestrator.domain.spec import CampaignSpec
from orchestrator.testing.instrument_contract import Documents, check_instrument, measure, run_engine
from tests.soft_ioc import Recorder, channel, epics_instrument, make_request, searched_port, soft_ioc, write_from_elsewhere

BEST = best_positions()
FOREVER = 100_000.0
INSIDE, EXPOSING, MOVING, THINKING, STUCK, GLITCH, LONG = 101, 102, 103, 104, 105, 106, 107
"""Trials in which something goes wrong."""
FAULTS: list[dict[str, Any]] = [
    {"type": "beam-dump", "trial": INSIDE, "phase": "inside"},
    {"type": "beam-dump", "trial": EXPOSING, "phase": "exposing", "duration": 10.0},
    {"type": "beam-dump", "trial": MOVING, "phase": "moving", "duration": 10.0},
    {"type": "beam-dump", "trial": THINKING, "phase": "thinking", "duration": 10.0, "delay": 15.0},
    {"type": "beam-dump", "trial": LONG, "phase": "exposing", "duration": 100.0},
    {"type": "stuck-motor", "trial": STUCK, "axis": "mirror_roll"},
    {"type": "glitch", "trial": GLITCH, "value": "huge"},
]


@pytest.fixture(scope="module")
def ioc() -> Iterator[SoftIoc]:
    settings = EpicsSettings.model_validate({"layout": "simulated-beamline", "soft_ioc": True, "faults": FAULTS})
    with soft_ioc("EPICS:", time_scale=0.02, faults=settings.faults) as running:
        yield running


@pytest.fixture(scope="module")
def instrument(ioc: SoftIoc) -> Iterator[EpicsInstrument]:
    connected = epics_instrument(ioc)
    connected.connect()
    yield connected
    connected.close()


@pytest.fixture
def breaches(instrument: EpicsInstrument) -> Recorder:
    heard = Recorder()
    instrument.watch(heard)
    if heard.heard:
        heard.wait_for(lambda breach: breach is None)
        heard.heard.clear()
    return heard


def data_of(documents: Documents) -> dict[str, Any]:
    (event,) = documents.primary_events()
    return event["data"]


def lines_of(ioc: SoftIoc, request: MeasureRequest, what: str) -> list[Any]:
    return [line for line in read_journal(ioc.log) if line["what"] == what and line["attempt"] == request.attempt_id]


def test_it_keeps_the_contract_of_every_instrument(ioc: SoftIoc):
    contract_token = 1
    assert channel(ioc, "FENCE").get() <= contract_token
    check_instrument(epics_instrument(ioc))


def test_it_describes_limits_units_and_speeds_as_the_records_have_them(instrument: EpicsInstrument):
    description = instrument.describe()
    axis = description.axes["crystal_pitch"]

    assert axis.parameter.model_dump(include={"limits", "unit"}) == {"limits": (-80.0, 80.0), "unit": "urad"}
    assert axis.speed == pytest.approx(AXES["crystal_pitch"].velocity / 0.02)
    assert description.identity == "epics:EPICS:"
    assert description.has_second_connection
    assert description.interlocks["beam"].lower == 80.0


def test_a_point_is_measured_where_it_says_and_the_ioc_knows_which_attempt_it_is(ioc: SoftIoc, instrument: EpicsInstrument):
    request = make_request(BEST, trial=7, attempt=2, signals=("flux", "image"))
    data = data_of(measure(instrument, request))

    assert data["flux"] == pytest.approx(1e6, rel=0.05)
    assert data["image"].shape == (48, 64)
    assert {name: data[name] for name in BEST} == pytest.approx(BEST)
    assert len(lines_of(ioc, request, "motion")) == len(BEST)
    assert len(lines_of(ioc, request, "trigger")) == 1


def test_the_same_attempt_reads_the_same_again(instrument: EpicsInstrument):
    first, again = (data_of(measure(instrument, make_request(BEST, trial=9)))["flux"] for _ in range(2))
    other = data_of(measure(instrument, make_request(BEST, trial=9, attempt=2)))["flux"]
    assert first == again != other


def test_a_subscription_lives_on_although_another_one_took_its_place(ioc: SoftIoc):
    """As when two threads make one each: the CA library would call a freed one, and the process would die of it."""
    limit = channel(ioc, "MIR:PITCH.LLM")
    limit.monitor(lambda _value, _at: None)
    pv = limit._pv
    called = weakref.ref(pv._monref[1])
    pv._monref = None
    gc.collect()
    assert called() is not None


def test_a_point_outside_a_limit_is_refused_before_any_axis_moves(ioc: SoftIoc, instrument: EpicsInstrument):
    n_moves = channel(ioc, "COUNT:MOVES").get()
    with pytest.raises(InstrumentError, match=r"energy = 13 keV is outside \[8, 12\] keV, the limits of EPICS:MONO:ENERGY"):
        measure(instrument, make_request({"mirror_pitch": 3.0, "energy": 13.0}))
    assert channel(ioc, "COUNT:MOVES").get() == n_moves


def test_a_dump_wholly_inside_an_exposure_is_heard_although_the_beam_is_there_before_and_after(
    ioc: SoftIoc, instrument: EpicsInstrument, breaches: Recorder
):
    request = make_request(BEST, trial=INSIDE, exposure_s=1.0)
    measure(instrument, request)
    instrument.positions()  # what the runner asks before it judges

    breach = next(filter(None, breaches.heard))
    assert isinstance(breach, Breach)
    assert "BEAM" in breach.detail
    assert breaches.heard[-1] is None, "the beam is back"
    (exposed,) = lines_of(ioc, request, "exposed")
    assert exposed["beam_fraction"] == pytest.approx(0.8)


@pytest.mark.parametrize("trial", [EXPOSING, MOVING])
def test_a_dump_while_moving_or_exposing_is_heard_and_so_is_its_end(instrument: EpicsInstrument, breaches: Recorder, trial: int):
    measure(instrument, make_request({**BEST, "mirror_roll": 0.1 * (trial - 100)}, trial=trial))
    instrument.positions()

    assert isinstance(breaches.heard[0], Breach)
    breaches.wait_for(lambda breach: breach is None)


def test_a_dump_while_thinking_comes_after_the_trial_and_before_the_next(instrument: EpicsInstrument, breaches: Recorder):
    measure(instrument, make_request(BEST, trial=THINKING))
    instrument.positions()
    assert breaches.heard == []

    breaches.wait_for(lambda breach: isinstance(breach, Breach))
    breaches.wait_for(lambda breach: breach is None)


def test_a_late_listener_hears_of_a_beam_that_is_gone_already(ioc: SoftIoc, instrument: EpicsInstrument, breaches: Recorder):
    measure(instrument, make_request(BEST, trial=LONG))
    late = Recorder()
    instrument.watch(late)
    assert isinstance(late.heard[0], Breach)
    late.wait_for(lambda breach: breach is None)


def test_a_stuck_motor_is_measured_where_it_really_is(instrument: EpicsInstrument):
    before = instrument.positions()["mirror_roll"]
    data = data_of(measure(instrument, make_request({"mirror_roll": 1.2}, trial=STUCK)))

    assert data["mirror_roll"] == before
    assert data["mirror_roll_user_setpoint"] == 1.2


def test_a_glitch_reads_as_more_than_the_detector_can_count(instrument: EpicsInstrument):
    saturation = instrument.describe().signals["flux"].saturation
    assert saturation is not None
    assert data_of(measure(instrument, make_request(BEST, trial=GLITCH)))["flux"] > saturation


def test_a_runner_that_was_taken_over_is_refused_before_and_during_a_plan(ioc: SoftIoc, instrument: EpicsInstrument):
    request = make_request(BEST)
    measure(instrument, request)
    write_from_elsewhere(ioc, "FENCE", request.token + 1000)
    n_moves, n_triggers = channel(ioc, "COUNT:MOVES").get(), channel(ioc, "COUNT:TRIGGERS").get()
    try:
        with pytest.raises(InstrumentError, match=f"holds token {request.token + 1000}, higher than ours"):
            measure(instrument, request)
        station: Any = instrument._connected()
        with pytest.raises(InstrumentError, match=r"did not reach 3.1 mrad and stands at 3.04 mrad: token .* is lower than"):
            station.motors["mirror_pitch"].set(3.1).wait(timeout=10.0)
        with pytest.raises(InstrumentError, match=r"gave no reading: token .* is lower than"):
            station.detector_for(request).trigger().wait(timeout=10.0)
        assert (channel(ioc, "COUNT:MOVES").get(), channel(ioc, "COUNT:TRIGGERS").get()) == (n_moves, n_triggers)
        assert any("closed" in phrase for phrase in instrument.secure("a stale runner may still make things safe"))
    finally:
        advance_tokens_past(request.token + 1000)


def advance_tokens_past(token: int) -> None:
    while make_request({}).token <= token:
        pass


def test_a_second_connection_makes_everything_safe_while_a_plan_hangs(ioc: SoftIoc, instrument: EpicsInstrument):
    shutter, failure = Recorder(), Recorder()
    channel(ioc, "SHUTTER").monitor(shutter)

    def hang() -> None:
        try:
            run_engine()(instrument.plan(make_request(BEST, exposure_s=FOREVER)))
        except Exception as error:
            failure(error)

    plan = threading.Thread(target=hang)
    plan.start()
    shutter.wait_for(lambda state: state == 1)
    sentinel = epics_instrument(ioc)
    phrases = sentinel.secure("test")
    sentinel.close()

    assert phrases == ("closed the shutter", "disarmed the detector", "stopped all axes")
    assert channel(ioc, "SHUTTER").get_like("") == "closed"
    assert "EPICS:DET:ACQUIRE gave no reading" in str(failure.wait_for(bool))
    plan.join(timeout=10.0)
    assert not plan.is_alive()


def test_securing_stops_an_axis_under_way_and_says_where_it_stands(ioc: SoftIoc, instrument: EpicsInstrument):
    velocity, moving = channel(ioc, "MONO:ENERGY.VELO"), Recorder()
    usual = velocity.get()
    channel(ioc, "MONO:ENERGY.DMOV").monitor(moving)
    velocity.put(0.01)
    channel(ioc, "MONO:ENERGY").send(11.9)
    moving.wait_for(lambda is_done: is_done == 0)

    assert any(phrase.startswith("energy stands still at ") for phrase in instrument.secure("test"))
    assert channel(ioc, "MONO:ENERGY.DMOV").get() == 1
    assert float(instrument.positions()["energy"]) < 11.9
    velocity.put(usual)


def test_a_move_that_someone_else_stops_fails_the_plan_before_the_shutter_opens(ioc: SoftIoc, instrument: EpicsInstrument):
    velocity, moving, failure = channel(ioc, "MIR:ROLL.VELO"), Recorder(), Recorder()
    usual, n_triggers = velocity.get(), channel(ioc, "COUNT:TRIGGERS").get()
    channel(ioc, "MIR:ROLL.DMOV").monitor(moving)
    velocity.put(0.01)

    def measure_far_away() -> None:
        try:
            run_engine()(instrument.plan(make_request({"mirror_roll": -1.4})))
        except InstrumentError as error:
            failure(error)

    plan = threading.Thread(target=measure_far_away)
    plan.start()
    moving.wait_for(lambda is_done: is_done == 0)
    channel(ioc, "MIR:ROLL.STOP").put(1)

    assert "EPICS:MIR:ROLL did not reach -1.4 mrad" in str(failure.wait_for(bool))
    plan.join(timeout=10.0)
    assert channel(ioc, "COUNT:TRIGGERS").get() == n_triggers
    velocity.put(usual)


def test_a_heartbeat_arms_the_dead_mans_switch_and_leaving_in_order_disarms_it(ioc: SoftIoc):
    sentinel = epics_instrument(ioc)
    sentinel.heartbeat()
    sentinel.heartbeat()
    assert channel(ioc, "HEARTBEAT:ARM").get() == 5.0
    sentinel.close()
    assert channel(ioc, "HEARTBEAT:ARM").get() == 0.0


def test_an_ioc_that_does_not_answer_is_named_with_the_seconds(ioc: SoftIoc):
    with pytest.raises(InstrumentError, match=r"no answer from NOBODY:\S+, .* within 0.3 s .* check prefix"):
        epics_instrument(ioc, prefix="NOBODY:", connect_timeout=0.3).describe()


def test_an_ioc_that_disappears_breaks_the_interlock():
    with soft_ioc("GONE:", time_scale=0.02) as running:
        instrument, heard = epics_instrument(running, read_timeout=0.5), Recorder()
        instrument.watch(heard)
        assert heard.heard == []
        running.stop()
        assert "disconnected" in heard.wait_for(lambda breach: isinstance(breach, Breach)).detail
        assert all(phrase.startswith("not ") or "cannot be asked" in phrase for phrase in instrument.secure("test"))
        instrument.close()


def test_a_campaign_can_have_its_ioc_started_for_it_and_its_settings_survive_being_written_down():
    with searched_port() as port:
        settings = EpicsSettings.model_validate(
            {"soft_ioc": True, "layout": "simulated-beamline", "prefix": "ASKED:", "ca_port": port, "time_scale": 0.0}
        )
        companion = EpicsInstrument.companion(settings)
        assert companion is not None
        with companion as reached:
            written = EpicsSettings.model_validate(reached.model_dump(mode="json", exclude_defaults=True))
            assert written == reached
            instrument = EpicsInstrument(written)
            assert instrument.describe().identity == "", "nobody else can reach it, so nobody has to be kept out"
            assert data_of(measure(instrument, make_request(BEST)))["flux"] > 5e5
            instrument.close()


def test_the_bundled_alignment_asks_for_axes_and_signals_that_the_layout_has():
    text = files("orchestrator.campaigns").joinpath("beamline-alignment.yaml").read_text(encoding="utf-8")
    spec = CampaignSpec.model_validate(YAML(typ="safe").load(text))
    settings = plugins.settings_of("instrument", spec.instrument)

    assert settings.soft_ioc
    assert [fault.phase for fault in settings.faults] == ["inside"]
    assert set(spec.space) < set(settings.axes)
    assert set(spec.measure.signals) < set(settings.signals)


def test_no_ioc_is_started_unless_asked_for():
    assert EpicsInstrument.companion(EpicsSettings.model_validate({"layout": "simulated-beamline"})) is None


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ({"prefix": "X:"}, "axes and signals are needed"),
        ({"axes": {"a": "A"}, "signals": {"a": "B"}}, "a is both an axis and a signal"),
        ({"axes": {"a": "A"}, "signals": {"b": {"pv": "B", "kind": "image"}}}, "image b needs a shape"),
        ({"layout": "simulated-beamline", "faults": FAULTS}, "soft_ioc: true"),
        ({"layout": "elsewhere"}, "simulated-beamline"),
    ],
)
def test_settings_that_make_no_sense_are_refused(written: dict[str, Any], says: str):
    with pytest.raises(ValidationError, match=says):
        EpicsSettings.model_validate(written)
