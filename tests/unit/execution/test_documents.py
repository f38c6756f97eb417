"""From documents to an observation."""

import math

import numpy as np
import pytest

from orchestrator.domain.dose import DoseRule
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.instrument import AxisDescription, InstrumentDescription, MeasureRequest, SignalDescription
from orchestrator.domain.records import ArtefactRef, TrialKind
from orchestrator.domain.space import Continuous
from orchestrator.execution.documents import RunDocuments, observe

DESCRIPTION = InstrumentDescription(
    identity="test",
    axes={"pitch": AxisDescription(parameter=Continuous(limits=(0.0, 1.0)), field="m1_pitch")},
    signals={
        "flux": SignalDescription(field="i0", sd_field="i0_sd"),
        "spot": SignalDescription(field="camera", kind="image"),
    },
)
REQUEST = MeasureRequest(
    campaign="night",
    trial=3,
    attempt=2,
    kind=TrialKind.AGENT,
    point={"pitch": 0.5},
    exposure_s=0.1,
    signals=("flux", "spot"),
    seed=0,
    token=1,
)


def collected(**data: object) -> RunDocuments:
    documents = RunDocuments()
    documents("start", {"uid": "run-1", "scan_id": 7, "time": 100.0})
    documents("descriptor", {"uid": "d-1", "name": "primary", "run_start": "run-1"})
    documents("descriptor", {"uid": "d-2", "name": "baseline", "run_start": "run-1"})
    reading = {"m1_pitch": 0.501, "i0": 5.0, "i0_sd": 2.0, "camera": np.eye(3), **data}
    documents("event", {"descriptor": "d-1", "seq_num": 1, "data": reading, "time": 101.0})
    documents("event", {"descriptor": "d-2", "seq_num": 1, "data": {"i0": -1.0}, "time": 101.5})
    documents("stop", {"run_start": "run-1", "time": 102.0, "exit_status": "success"})
    return documents


def stored(array: np.ndarray) -> ArtefactRef:
    return ArtefactRef(sha256="0" * 64, shape=array.shape)


def test_an_observation_keeps_setpoint_and_readback_and_the_run_it_came_from() -> None:
    observation = observe(collected(), REQUEST, DESCRIPTION, stored)
    assert (observation.trial, observation.attempt) == (3, 2)
    assert observation.setpoint == {"pitch": 0.5}
    assert observation.readback == {"pitch": 0.501}
    assert observation.readings == {"flux": 5.0}
    assert observation.sds == {"flux": 2.0}
    assert observation.arrays["spot"].shape == (3, 3)
    assert (observation.run_uid, observation.scan_id) == ("run-1", 7)
    assert (observation.finished_at - observation.started_at).total_seconds() == 2.0


def test_only_the_primary_stream_is_read() -> None:
    assert observe(collected(), REQUEST, DESCRIPTION, stored).readings["flux"] == 5.0


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_reading_that_is_not_finite_is_recorded_as_none(bad: float) -> None:
    assert observe(collected(i0=bad), REQUEST, DESCRIPTION, stored).readings == {"flux": None}


def test_a_field_the_documents_lack_is_named() -> None:
    documents = collected()
    del documents.streams["primary"][1]["i0"]
    with pytest.raises(InstrumentError, match=r"'i0'.*camera"):
        observe(documents, REQUEST, DESCRIPTION, stored)


@pytest.mark.parametrize(("kind", "dose"), [(TrialKind.AGENT, 0.1 * 5.0 * 3.0), (TrialKind.DARK, 0.0), (TrialKind.FINISH, 0.0)])
def test_the_dose_follows_the_signal_that_tells_it(kind: TrialKind, dose: float) -> None:
    description = DESCRIPTION.model_copy(update={"dose": DoseRule(factor=3.0, signal="flux")})
    assert observe(collected(), REQUEST.model_copy(update={"kind": kind}), description, stored).dose == pytest.approx(dose)


def test_a_dose_whose_signal_gave_no_number_is_not_known() -> None:
    description = DESCRIPTION.model_copy(update={"dose": DoseRule(factor=3.0, signal="flux")})
    assert observe(collected(i0=math.nan), REQUEST, description, stored).dose is None
