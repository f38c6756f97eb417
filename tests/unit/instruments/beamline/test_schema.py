"""The JSON Schema of the site file."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML
from typer.testing import CliRunner

from instruments.beamline.model import SiteFile, Startup
from instruments.beamline.schema import site_schema
from instruments.beamline.survey import FoundAxis, FoundDetector, FoundPlan, Survey
from instruments.beamline.writing import site_text
from orchestrator.cli.app import app

PUBLISHED = Path(__file__).parents[4] / "docs" / "reference" / "site.schema.json"
MINIMAL: dict[str, Any] = {"name": "bl99", "profile": {"module": "bl99"}}
FOUND = Survey(
    axes=(FoundAxis(name="stage_x", kind="EpicsMotor", limits=(0.0, 25.0), unit="mm", pv="BL99:X"),),
    detectors=(FoundDetector(name="diode", kind="EpicsSignal", signals=("diode",)),),
    plans=(FoundPlan(name="count", signature="(detectors, num)", summary="Take readings."),),
    suspenders=(),
    has_run_engine=True,
)


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    Draft202012Validator.check_schema(site_schema())
    return Draft202012Validator(site_schema())


def test_the_published_schema_is_current():
    """When it is not: nightshift site schema > docs/reference/site.schema.json"""
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == site_schema()
    assert json.loads(CliRunner().invoke(app, ["site", "schema"]).stdout) == site_schema()


def uncommented(text: str) -> str:
    """Return the file as staff who want everything it offers would leave it."""
    whole = r"^# ((?:beam|shutter|exposure|dose|safe_state|safe_state_when|documents|answers):)"
    kept = re.sub(r"^(?:#   |  # )", "  ", re.sub(whole, r"\1", text, flags=re.M), flags=re.M)
    return kept.replace("[furnace]", "[stage_x]")


@pytest.mark.parametrize("is_uncommented", [False, True])
def test_what_site_init_writes_fits_and_so_does_everything_it_offers(validator: Draft202012Validator, is_uncommented: bool):
    text = site_text("bl99", Startup(startup="/profile"), FOUND)
    written = YAML(typ="safe", pure=True).load(uncommented(text) if is_uncommented else text)
    assert [error.message for error in validator.iter_errors(written)] == []
    site = SiteFile.model_validate(written)
    if is_uncommented:
        assert site.beam is not None
        assert site.beam.top_up is not None
        assert (site.beam.signal, site.beam.wait_after_return, site.beam.top_up.wait) == ("ring_current", 300.0, 1.0)
        assert site.answers is not None
        assert site.dose is not None
        assert set(site.axes) == {"stage_x"}


@pytest.mark.parametrize(
    "more",
    [
        {"plans": ["count", "scan"]},
        {"axes": {"stage_x": None}, "detectors": None},
        {"documents": {"kafka": {"servers": "a:1,b:2", "topic": "t"}}},
        {"files": {"least_free": "5 GB", "wait_s": "10 s"}},
        {"load_timeout": "3 min", "derive": {"rate": {"take": "dead_time", "of": "counts", "tau_s": 2e-6}}},
    ],
)
def test_short_and_long_forms_fit_and_are_read(validator: Draft202012Validator, more: dict[str, Any]):
    assert [error.message for error in validator.iter_errors({**MINIMAL, **more})] == []
    SiteFile.model_validate({**MINIMAL, **more})


@pytest.mark.parametrize(
    "more",
    [
        {"axis": {}},
        {"axes": {"stage x": {}}},
        {"axes": {"stage_x": {"limit": [0, 1]}}},
        {"beam": {"signal": "ring_current"}},
        {"documents": {"tiled": {"uri": "tiled.example.org"}}},
        {"safe_state": {"shutter": "shut"}},
    ],
)
def test_what_would_be_refused_an_editor_underlines(validator: Draft202012Validator, more: dict[str, Any]):
    assert not validator.is_valid({**MINIMAL, **more})
